/** Makes each name unlike all before it, whatever their case, as some file systems see none: one that was there gets a number behind `joint`. */
export function unlike(joint: string): (name: string) => string {
  const used = new Set<string>();
  return (name) => {
    for (let i = 1;; i++) {
      const one = i === 1 ? name : `${name}${joint}${i}`;
      const key = one.toLowerCase();
      if (!used.has(key)) return used.add(key), one;
    }
  };
}
