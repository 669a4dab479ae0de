// A model in AssemblyScript: rates {"age": 30, "income": 2000} with what is left of 500 points.
import { JSONNumbers } from "./numbers";

let input: StaticArray<u8> = new StaticArray<u8>(0);
let output: ArrayBuffer = new ArrayBuffer(0);

/** One input at a time. */
export function alloc(length: i32): usize {
  input = new StaticArray<u8>(length + 1);
  return changetype<usize>(input);
}

/** The place of the answer in the upper half, its length in the lower. */
export function rate(at: usize, length: i32): u64 {
  const numbers = new JSONNumbers(String.UTF8.decodeUnsafe(at, length));
  const age = numbers.get("age", 0);
  const income = numbers.get("income", 0);
  const young = Math.max(0, (30 - age) * 5);
  const poor = Math.max(0, (2000 - income) / 10);
  let reasons = "";
  if (young > 0) reasons += reason("A01", "Age below 30", young);
  if (poor > 0) reasons += (reasons.length ? "," : "") + reason("A02", "Income below 2,000", poor);
  output = String.UTF8.encode('{"rating":' + (500 - young - poor).toString() + ',"reasons":[' + reasons + "]}");
  return ((changetype<usize>(output) as u64) << 32) | (output.byteLength as u64);
}

function reason(code: string, text: string, points: f64): string {
  return '{"code":"' + code + '","text":"' + text + '","points":' + points.toString() + "}";
}
