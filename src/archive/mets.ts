/** A METS file as OCR-D's workspaces have it: which picture each page has, and the results that are added (OCR-D specification, METS). */
import { type Document, DOMParser, type Element, XMLSerializer } from "@xmldom/xmldom";
import { ScrawlError } from "../errors.ts";

const METS = "http://www.loc.gov/METS/";
const XLINK = "http://www.w3.org/1999/xlink";
export const PAGE_TYPE = "application/vnd.prima.page+xml";

/** A file of a page. */
export interface MetsFile {
  id: string;
  /** ID of the physical page. */
  page: string;
  type: string;
  /** Its path, as seen from the workspace. */
  path: string;
}

const wrong = (why: string) => new ScrawlError("input", why);

/** @throws ScrawlError where the text is no XML. */
function parseXml(text: string): Document {
  try {
    return new DOMParser({
      onError(level, message) {
        if (level !== "warning") throw new Error(message);
      },
    }).parseFromString(text, "text/xml");
  } catch (e) {
    throw wrong(`it is no XML: ${(e as Error).message.split("\n")[0]}`);
  }
}

export class Mets {
  private constructor(private readonly document: Document) {}

  /** @throws ScrawlError where the text is no METS. */
  static parse(text: string): Mets {
    const document = parseXml(text);
    const root = document.documentElement;
    if (root?.namespaceURI !== METS || root.localName !== "mets") throw wrong("its root is no mets:mets");
    return new Mets(document);
  }

  text(): string {
    return new XMLSerializer().serializeToString(this.document) + "\n";
  }

  private all(name: string, within: Document | Element = this.document): Element[] {
    return Array.from(within.getElementsByTagNameNS(METS, name)) as Element[];
  }

  /** The divisions of physical pages, in order. */
  private pages(): Element[] {
    const physical = this.all("structMap").find((m) => m.getAttribute("TYPE") === "PHYSICAL");
    return physical ? this.all("div", physical).filter((d) => d.getAttribute("TYPE") === "page") : [];
  }

  /** IDs of the pages, in order. */
  pageIds(): string[] {
    return this.pages().map((p) => p.getAttribute("ID") ?? "");
  }

  private group(use: string): Element | undefined {
    return this.all("fileGrp").find((g) => g.getAttribute("USE") === use);
  }

  /** Files of a group, in the order of their pages. @throws ScrawlError where there is no such group. */
  files(use: string): MetsFile[] {
    const group = this.group(use);
    if (!group) {
      const known = this.all("fileGrp").map((g) => g.getAttribute("USE")).join(", ");
      throw wrong(`there is no file group ${use}; there are ${known || "none"}`);
    }
    const files = new Map(this.all("file", group).map((f) => [f.getAttribute("ID"), f]));
    return this.pages().flatMap((page) =>
      this.all("fptr", page).flatMap((pointer) => {
        const id = pointer.getAttribute("FILEID") ?? "";
        const file = files.get(id);
        if (!file) return [];
        const type = file.getAttribute("MIMETYPE") ?? "";
        return [{ id, page: page.getAttribute("ID") ?? "", type, path: this.pathOf(file, id) }];
      })
    );
  }

  /** @throws ScrawlError where the file lies elsewhere. */
  private pathOf(file: Element, id: string): string {
    const hrefs = this.all("FLocat", file).map((l) => l.getAttributeNS(XLINK, "href") ?? "");
    const local = hrefs.find((h) => h !== "" && (!/^[a-z][a-z0-9+.-]*:/i.test(h) || h.startsWith("file://")));
    if (local === undefined) {
      throw wrong(
        `the file ${id} is not in the workspace but at ${hrefs[0] ?? "no place"}: ocrd workspace find --download`,
      );
    }
    return local.startsWith("file://") ? decodeURIComponent(new URL(local).pathname) : local;
  }

  /** Takes a file with this ID out, if there is one. */
  remove(id: string): void {
    for (const file of this.all("file").filter((f) => f.getAttribute("ID") === id)) file.parentNode!.removeChild(file);
    for (const pointer of this.all("fptr").filter((p) => p.getAttribute("FILEID") === id)) {
      pointer.parentNode!.removeChild(pointer);
    }
  }

  /** Adds a file to a group, which is made where there is none, and to its page. */
  add(use: string, { id, page, type, path }: MetsFile): void {
    const file = this.element("file", { ID: id, MIMETYPE: type });
    const place = this.element("FLocat", { LOCTYPE: "OTHER", OTHERLOCTYPE: "FILE" });
    place.setAttributeNS(XLINK, "xlink:href", path);
    file.appendChild(place);
    this.groupFor(use).appendChild(file);
    const division = this.pages().find((p) => p.getAttribute("ID") === page)!;
    division.appendChild(this.element("fptr", { FILEID: id }));
  }

  private groupFor(use: string): Element {
    const there = this.group(use);
    if (there) return there;
    const group = this.element("fileGrp", { USE: use });
    this.all("fileSec")[0].appendChild(group);
    return group;
  }

  /** Says in the header what made the results, where there is one. */
  addAgent(name: string, role: string): void {
    const [header] = this.all("metsHdr");
    if (!header) return;
    const agent = this.element("agent", { TYPE: "OTHER", OTHERTYPE: "SOFTWARE", ROLE: "OTHER", OTHERROLE: role });
    const named = this.element("name", {});
    named.appendChild(this.document.createTextNode(name));
    agent.appendChild(named);
    const last = this.all("agent", header).at(-1);
    header.insertBefore(agent, last ? last.nextSibling : header.firstChild);
  }

  private element(name: string, attributes: Record<string, string>): Element {
    const prefix = this.document.documentElement!.prefix;
    const element = this.document.createElementNS(METS, prefix ? `${prefix}:${name}` : name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  }
}

/** The picture that a PAGE document is of, as seen from the workspace. @throws ScrawlError where it is none. */
export function pictureOfPage(text: string): string {
  const [page] = Array.from(parseXml(text).getElementsByTagNameNS("*", "Page")) as Element[];
  const name = page?.getAttribute("imageFilename");
  if (!name) throw wrong("it is no PAGE document with a picture");
  return name;
}

/** The pages of `all` that a list like `P1,P3..P5` names, or all. @throws ScrawlError where one is not there. */
export function chosenIds(list: string | undefined, all: string[]): string[] {
  if (list === undefined) return all;
  const at = (id: string) => {
    const index = all.indexOf(id);
    if (index < 0) throw new ScrawlError("arguments", `--page-id ${list}: there is no page ${id}`);
    return index;
  };
  const indices = list.split(",").flatMap((part) => {
    const [from, to] = part.trim().split("..");
    const [first, last] = [at(from), at(to ?? from)];
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
  });
  return [...new Set(indices)].sort((a, b) => a - b).map((i) => all[i]);
}
