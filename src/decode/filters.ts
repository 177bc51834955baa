/**
 * What pdf.js asks for filters by. Those of soft masks are known by a name that says what they do, for whoever draws through them; there are
 * no others, so that transfer functions of what is painted stay plain.
 */
export class FilterFactory {
  addFilter() {
    return "none";
  }
  addHCMFilter() {
    return "none";
  }
  addAlphaFilter(map: ArrayLike<number>) {
    return `alpha(${Array.from(map).join()})`;
  }
  addLuminosityFilter(map: ArrayLike<number> | null) {
    return `luminosity(${Array.from(map ?? []).join()})`;
  }
  addHighlightHCMFilter() {
    return "none";
  }
  addSelectionHCMFilter() {
    return "none";
  }
  destroy() {}
}

/**
 * Pixels as a soft mask's filter makes them, in place: opacity becomes what it was, or how light the colour is, by way of the mask's transfer
 * function, where it has one (ISO 32000-1, 11.5.3 and 8.6.5.2). @param rgba `[height][width][4]`
 */
export function applyFilter(rgba: Uint8Array, filter: string): void {
  const [, what, map] = /^(alpha|luminosity)\(([\d,]*)\)$/.exec(filter) ?? [];
  if (!what) return;
  const table = map ? map.split(",").map(Number) : undefined;
  for (let i = 0; i < rgba.length; i += 4) {
    const value = what === "alpha" ? rgba[i + 3] : Math.round(0.3 * rgba[i] + 0.59 * rgba[i + 1] + 0.11 * rgba[i + 2]);
    rgba[i + 3] = table ? table[value] : value;
  }
}
