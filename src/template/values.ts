/** Texts of fields as values of their types. */
import type { ReadOptions } from "../engine/types.ts";
import type { FieldType } from "./template.ts";

const DIGITS = "0123456789";
/** What an amount is written with. */
const AMOUNT = `${DIGITS}.,-`;
/** Day, month and year, with the marks between them that forms and hands use. */
const DATE = String.raw`\d{1,2}[./\-]\d{1,2}[./\-](\d{4}|\d{2})`;
/** Likewise in a comb, whose boxes part them. */
const DATE_IN_BOXES = String.raw`\d{2}[./\-]?\d{2}[./\-]?(\d{4}|\d{2})`;
/** What boxes of a comb that are not needed are crossed or struck out with. */
const STRUCK = "Xx-";
/** Years of two digits up to this one are of this century. */
const CENTURY = 50;

/** How a field of a type is read. @param filled of a comb: how many of its boxes are filled; those left over may be struck out. */
export function optionsOf(type: FieldType, pattern: string | undefined, filled?: number): ReadOptions {
  const common = { printed: "keep" as const, ...(pattern !== undefined && { pattern }) };
  if (filled !== undefined && (type === "digits" || type === "amount" || type === "date")) {
    const inBoxes = pattern ?? (type === "date" ? DATE_IN_BOXES : undefined);
    return {
      printed: "keep",
      charset: "text",
      allowedChars: { digits: DIGITS, amount: AMOUNT, date: `${DIGITS}./-` }[type] + STRUCK,
      pattern: inBoxes !== undefined
        ? `[${STRUCK}]*(${inBoxes})?[${STRUCK}]*`
        : type === "digits"
        ? `[${DIGITS}${STRUCK}]{${filled}}`
        : undefined,
    };
  }
  switch (type) {
    case "digits":
      return { ...common, charset: "digits" };
    case "amount":
      return { ...common, charset: "numeric", allowedChars: AMOUNT };
    case "date":
      return { ...common, charset: "numeric", pattern: pattern ?? DATE };
    default:
      return { ...common, charset: "text" };
  }
}

/** The value of a text: amounts as `1234.50`, dates as `1987-09-24`; `undefined` where it is none of its type. */
export function valueOf(type: FieldType, text: string, pattern?: string): string | undefined {
  if (type === "digits") return /^\d+$/.test(text) ? text : undefined;
  if (type === "amount") {
    const cents = centsOf(text);
    return cents === undefined ? undefined : amountOf(cents);
  }
  if (type === "date") return dateOf(text);
  if (type === "code") return new RegExp(`^(?:${pattern})$`, "u").test(text) ? text : undefined;
  return text;
}

/** An amount in hundredths: the last mark with one or two digits behind parts them off, other marks group thousands. */
export function centsOf(text: string): number | undefined {
  const plain = text.replace(/\s/g, "").replace(/[-=]+$/, "").replace(/[.,]$/, "");
  const found = /^(-?)(\d{1,3}(?:[.,']\d{3})*|\d+)(?:[.,](\d{1,2}))?$/.exec(plain);
  if (!found) return undefined;
  const [, sign, whole, part = ""] = found;
  const cents = 100 * Number(whole.replace(/\D/g, "")) + Number(part.padEnd(2, "0"));
  return sign ? -cents : cents;
}

/** Hundredths as `1234.50`, whole amounts without them. */
export function amountOf(cents: number): string {
  const [sign, all] = [cents < 0 ? "-" : "", Math.abs(cents)];
  const rest = all % 100;
  return `${sign}${Math.floor(all / 100)}${rest === 0 ? "" : `.${String(rest).padStart(2, "0")}`}`;
}

/** The text of a comb without the boxes that are struck out. */
export const unstruck = (text: string) => text.replace(new RegExp(`^[${STRUCK}]+|[${STRUCK}]+$`, "g"), "");

function dateOf(text: string): string | undefined {
  const plain = text.replace(/\s/g, "");
  const found = /^(\d{1,2})\D(\d{1,2})\D(\d{4}|\d{2})$/.exec(plain) ?? /^(\d{2})(\d{2})(\d{4}|\d{2})$/.exec(plain);
  if (!found) return undefined;
  const [day, month, short] = found.slice(1).map(Number);
  const year = found[3].length === 4 ? short : short + (short <= CENTURY ? 2000 : 1900);
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  return date.toISOString().slice(0, 10);
}
