package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Bodies that are JSON (RFC 8259) and bodies that are not, by name. */
final class JsonCases {
  /** A body, and whether it is JSON that the reader takes. */
  @SuppressWarnings("ArrayRecordComponent") // never changed
  record Case(String name, byte[] body, boolean valid) {}

  private final List<Case> cases = new ArrayList<>();

  private JsonCases() {}

  static List<Case> all() {
    JsonCases all = new JsonCases();
    all.values();
    all.structures();
    all.numbers();
    all.strings();
    all.words();
    all.surroundings();
    all.bytes();
    all.encodings();
    all.duplicates();
    all.depth();
    all.limits();
    return List.copyOf(all.cases);
  }

  private void yes(String name, String body) {
    cases.add(new Case("y " + name, body.getBytes(UTF_8), true));
  }

  private void no(String name, String body) {
    cases.add(new Case("n " + name, body.getBytes(UTF_8), false));
  }

  /** Raw bytes inside a string: {@code {"item":"…"}}. */
  private void inString(String name, String hex, boolean valid) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes("{\"item\":\"".getBytes(UTF_8));
    body.writeBytes(HexFormat.of().parseHex(hex));
    body.writeBytes("\"}".getBytes(UTF_8));
    cases.add(new Case((valid ? "y " : "n ") + name, body.toByteArray(), valid));
  }

  private void hex(String name, String hex) {
    cases.add(new Case("n " + name, HexFormat.of().parseHex(hex), false));
  }

  private void values() {
    yes("empty object", "{}");
    yes("empty array", "[]");
    yes("nested empties", "{\"a\":[{},[],{\"b\":{}}]}");
    yes("string alone", "\"text\"");
    yes("number alone", "42");
    yes("true alone", "true");
    yes("false alone", "false");
    yes("null alone", "null");
    yes("empty name", "{\"\":1}");
    yes("white space of all kinds", " \t\r\n{ \t\r\n\"a\" \t\r\n: \t\r\n1 \t\r\n} \t\r\n");
    yes("members of every type", "{\"a\":1,\"b\":\"x\",\"c\":true,\"d\":null,\"e\":[],\"f\":{}}");
    yes("same name in different objects", "{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":1},{\"a\":2}]}");
    yes("names that differ in case", "{\"a\":1,\"A\":2}");
    yes("an item", "{\"item\":\"product-123\",\"score\":5}");
  }

  private void structures() {
    no("trailing comma in object", "{\"a\":1,}");
    no("trailing comma in array", "[1,]");
    no("two trailing commas", "{\"a\":1,,}");
    no("leading comma in array", "[,1]");
    no("leading comma in object", "{,\"a\":1}");
    no("comma only", "[,]");
    no("missing comma in array", "[1 2]");
    no("missing comma in object", "{\"a\":1 \"b\":2}");
    no("missing colon", "{\"a\" 1}");
    no("two colons", "{\"a\"::1}");
    no("comma for colon", "{\"a\",1}");
    no("colon in array", "[\"a\":1]");
    no("missing value", "{\"a\":}");
    no("missing name", "{:1}");
    no("name only", "{\"a\"}");
    no("number as name", "{1:1}");
    no("null as name", "{null:1}");
    no("unquoted name", "{a:1}");
    no("single-quoted name", "{'a':1}");
    no("open object", "{");
    no("open array", "[");
    no("open after name", "{\"a\"");
    no("open after colon", "{\"a\":");
    no("open after value", "{\"a\":1");
    no("open after comma", "{\"a\":1,");
    no("closed only", "}");
    no("closed twice", "{}}");
    no("array closed as object", "[1}");
    no("object closed as array", "{\"a\":1]");
    no("parentheses", "(1)");
    no("semicolon", "{\"a\":1;\"b\":2}");
    no("equals sign", "{\"a\"=1}");
  }

  private void numbers() {
    for (String good :
        List.of("0", "-0", "1", "-1", "0.5", "1e5", "1E+5", "1e-5", "123456789012345678901234")) {
      yes("number " + good, "{\"score\":" + good + "}");
    }
    yes("smaller than a double", "{\"score\":1e-999}");
    for (String bad :
        List.of(
            "01",
            "-01",
            "00",
            "+1",
            ".5",
            "5.",
            "-.5",
            "-",
            "1.e1",
            "1e",
            "1e+",
            "1e1.5",
            "1.2.3",
            "0x1F",
            "0b1",
            "0o7",
            "1_000",
            "1,5",
            "--1",
            "1-",
            "1a",
            "NaN",
            "-NaN",
            "Infinity",
            "-Infinity",
            "1L",
            "1f",
            "１",
            "1e9999",
            "-1e9999",
            "∞")) {
      no("number " + bad, "{\"score\":" + bad + "}");
    }
  }

  private void strings() {
    yes("every escape", "{\"item\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\"}");
    yes("escaped surrogate pair", "{\"item\":\"\\uD83D\\uDE00\"}");
    yes("escaped null character", "{\"item\":\"\\u0000\"}");
    yes("delete character", "{\"item\":\"\u007f\"}");
    yes("line separator", "{\"item\":\"\u2028\"}");
    yes("four-byte character", "{\"item\":\"😀\"}");
    yes("noncharacter", "{\"item\":\"\uffff\"}");
    for (String bad :
        List.of("\\x41", "\\a", "\\0", "\\'", "\\u", "\\u12", "\\u12G4", "\\U0041", "\\ ", "\\")) {
      no("escape " + bad, "{\"item\":\"" + bad + "\"}");
    }
    for (char control : new char[] {0, 1, 8, '\t', '\n', '\r', 0x1b, 0x1f}) {
      no("control character " + (int) control, "{\"item\":\"a" + control + "b\"}");
      no("control character " + (int) control + " in a name", "{\"a" + control + "b\":1}");
    }
    no("single quotes", "{\"item\":'x'}");
    no("unquoted", "{\"item\":x}");
    no("open string", "{\"item\":\"x");
    no("open name", "{\"item");
    no("curly quotes", "{“item”:1}");
    no("backquotes", "{`item`:1}");
    no("escape outside", "{\\u0022a\\u0022:1}");
    for (String half :
        List.of("\\uD83D", "\\uDE00", "\\uD83Dx", "\\uD83D\\u0041", "\\uDE00\\uD83D")) {
      no("half a surrogate " + half, "{\"item\":\"" + half + "\"}");
      no("half a surrogate in a name " + half, "{\"" + half + "\":1}");
    }
  }

  private void words() {
    for (String bad :
        List.of(
            "True",
            "FALSE",
            "Null",
            "nul",
            "tru",
            "truex",
            "nullnull",
            "undefined",
            "yes",
            "None")) {
      no("word " + bad, "{\"item\":" + bad + "}");
    }
  }

  private void surroundings() {
    no("nothing", "");
    no("white space only", " \r\n\t ");
    no("two values", "{} {}");
    no("two values, one line each", "{\"a\":1}\n{\"a\":2}\n");
    no("text after", "{}x");
    no("comma after", "{},");
    no("line comment", "{\"a\":1} // no");
    no("block comment", "{/* no */\"a\":1}");
    no("hash comment", "# no\n{}");
    no("null character after", "{}\u0000");
    no("form feed around", "\f{}");
    no("no-break space around", "\u00a0{}");
    no("an XML document", "<a>1</a>");
    no("a form", "item=1&score=2");
    no("JSONP", "f({})");
    no("a guard", ")]}',\n{}");
  }

  private void bytes() {
    hex("byte order mark", "efbbbf7b7d");
    hex("half a byte order mark", "efbb7b7d");
    hex("lone ff", "ff");
    hex("zero bytes", "0000000000");
    hex(
        "gzip that is not declared",
        "1f8b0800000000000003abae0500430bc7a202000000".substring(0, 40));
    hex("record separator", "1e7b7d0a");
    inString("two bytes", "c3a4", true);
    inString("three bytes", "e282ac", true);
    inString("last code point", "f48fbfbf", true);
    inString("truncated two bytes", "c3", false);
    inString("truncated three bytes", "e282", false);
    inString("truncated four bytes", "f09f98", false);
    inString("continuation alone", "80", false);
    inString("two continuations", "8080", false);
    inString("latin-1", "e4", false);
    inString("overlong slash in two bytes", "c0af", false);
    inString("overlong null", "c080", false);
    inString("overlong letter", "c1a1", false);
    inString("overlong slash in three bytes", "e080af", false);
    inString("overlong slash in four bytes", "f08080af", false);
    inString("overlong quote", "c0a2", false);
    inString("surrogate", "eda080", false);
    inString("surrogate pair in six bytes", "eda0bdedb880", false);
    inString("beyond the last code point", "f4908080", false);
    inString("five bytes", "f888808080", false);
    inString("fe", "fe", false);
    inString("ff", "ff", false);
    ByteArrayOutputStream name = new ByteArrayOutputStream();
    name.writeBytes("{\"".getBytes(UTF_8));
    name.writeBytes(HexFormat.of().parseHex("c0af"));
    name.writeBytes("\":1}".getBytes(UTF_8));
    cases.add(new Case("n overlong in a name", name.toByteArray(), false));
    hex("broken bytes outside a string", "7bc3a47d");
    hex("overlong brace", "c1bbc1bd");
  }

  private void encodings() {
    String body = "{\"item\":\"x\",\"score\":5}";
    for (Charset wide : List.of(UTF_16LE, UTF_16BE, Charset.forName("UTF-32BE"))) {
      cases.add(new Case("n " + wide, body.getBytes(wide), false));
    }
    cases.add(new Case("n UTF-32LE", body.getBytes(Charset.forName("UTF-32LE")), false));
    cases.add(new Case("n UTF-16 with its mark", body.getBytes(Charset.forName("UTF-16")), false));
    cases.add(new Case("n EBCDIC", body.getBytes(Charset.forName("IBM1047")), false));
  }

  private void duplicates() {
    no("duplicate at the root", "{\"item\":\"a\",\"score\":5,\"item\":\"b\"}");
    no("duplicate that is the same", "{\"a\":1,\"a\":1}");
    no("duplicate null", "{\"a\":null,\"a\":null}");
    no("duplicate empty name", "{\"\":1,\"\":2}");
    no("duplicate by escape", "{\"a\":1,\"\\u0061\":2}");
    no("duplicate one level down", "{\"x\":{\"a\":1,\"b\":2,\"a\":3}}");
    no("duplicate in an array", "[{\"a\":1},{\"a\":1,\"a\":2}]");
    no("duplicate ten levels down", deep(10, "{\"a\":1,\"a\":2}"));
    no("duplicate sixty levels down", deep(60, "{\"a\":1,\"a\":2}"));
    no("duplicate after many", many(1000) + ",\"n7\":1}");
  }

  private static String many(int members) {
    StringBuilder text = new StringBuilder("{\"n0\":0");
    for (int i = 1; i < members; i++) {
      text.append(",\"n").append(i).append("\":").append(i);
    }
    return text.toString();
  }

  private static String deep(int levels, String inner) {
    return "{\"d\":".repeat(levels) + inner + "}".repeat(levels);
  }

  private void depth() {
    yes("64 arrays", "[".repeat(64) + "]".repeat(64));
    yes("64 objects", deep(64, "1"));
    for (int levels : new int[] {65, 1_000, 100_000}) {
      no(levels + " arrays", "[".repeat(levels) + "]".repeat(levels));
      no(levels + " objects", deep(levels, "1"));
      no(levels + " arrays, never closed", "[".repeat(levels));
      no(levels + " of both", "[{\"a\":".repeat(levels / 2 + 1));
    }
  }

  private void limits() {
    yes("many members", many(5_000) + "}");
    yes("a long name", "{\"" + "n".repeat(1024) + "\":1}");
    no("a name too long", "{\"" + "n".repeat(2_000) + "\":1}");
    yes("a long number", "{\"score\":0." + "1".repeat(190) + "}");
    no("a number too long", "{\"score\":" + "1".repeat(1_000) + "}");
    no("too many values", "[" + "0,".repeat(100_001) + "0]");
  }
}
