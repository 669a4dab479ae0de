/** The numbers of a flat JSON object, by name. */
export class JSONNumbers {
  constructor(private text: string) {}

  /** A member's number; `absent` where there is none of the name. */
  get(name: string, absent: f64): f64 {
    const at = this.text.indexOf('"' + name + '"');
    if (at < 0) return absent;
    let from = this.text.indexOf(":", at) + 1;
    while (this.text.charCodeAt(from) == 32) from++;
    let to = from;
    while (to < this.text.length && "+-.0123456789eE".indexOf(this.text.charAt(to)) >= 0) to++;
    const value = parseFloat(this.text.substring(from, to));
    return isNaN(value) ? absent : value;
  }
}
