package io.openclaw.rating;

import io.openclaw.domain.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The 1,000 credit applications of the examples, their scorecard and the answers expected. */
final class CreditG {
  private static final Path FOLDER = Path.of("..", "examples", "credit-g");

  private CreditG() {}

  static byte[] scorecard() {
    return bytes("credit-g.scorecard.json");
  }

  static byte[] expected() {
    return bytes("credit-g.expected.csv");
  }

  static ScorecardModel model() {
    try {
      return ScorecardModel.load("credit-g", "v1", scorecard());
    } catch (ModelException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Every application as a client posts it. */
  static List<Json.Obj> applications() {
    List<String> lines =
        new String(bytes("credit-g.csv"), java.nio.charset.StandardCharsets.UTF_8).lines().toList();
    List<String> names = new ArrayList<>();
    for (Json name : fields(lines.getFirst())) {
      names.add(((Json.Str) name).value());
    }
    List<Json.Obj> applications = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      List<Json> values = fields(line);
      Map<String, Json> members = new LinkedHashMap<>();
      for (int i = 0; i < names.size(); i++) {
        members.put(names.get(i), values.get(i));
      }
      applications.add(new Json.Obj(members));
    }
    return applications;
  }

  /** One line; strings may stand in single quotes, bare digits are numbers. */
  private static List<Json> fields(String line) {
    List<Json> fields = new ArrayList<>();
    int at = 0;
    while (at <= line.length()) {
      boolean quoted = at < line.length() && line.charAt(at) == '\'';
      int from = quoted ? at + 1 : at;
      int to = line.indexOf(quoted ? "'" : ",", from);
      to = to < 0 ? line.length() : to;
      String text = line.substring(from, to);
      fields.add(
          !quoted && text.matches("-?[0-9]+(\\.[0-9]+)?")
              ? new Json.Num(Double.parseDouble(text))
              : new Json.Str(text));
      at = to + (quoted ? 2 : 1);
    }
    return fields;
  }

  private static byte[] bytes(String name) {
    try {
      return Files.readAllBytes(FOLDER.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
