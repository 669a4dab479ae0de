package io.openclaw.rating;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.Rating;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Random scorecards against the specification's words, taken literally and slowly. */
class ScorecardPropertyTest {
  private static final List<Json> VALUES =
      List.of(
          new Json.Str("a"),
          new Json.Str("b"),
          new Json.Str("1"),
          new Json.Num(-1),
          new Json.Num(0),
          new Json.Num(1),
          new Json.Num(1.5),
          new Json.Num(2),
          new Json.Num(3),
          Json.Bool.TRUE,
          Json.Bool.FALSE,
          Json.Null.NULL,
          new Json.Arr(List.of()));

  @Test
  void random_scorecards_rate_as_the_specification_reads() throws ModelException {
    int loaded = 0;
    int rated = 0;
    for (long seed = 1; seed <= 3_000; seed++) {
      Random random = new Random(seed);
      Json.Obj card = card(random);
      ScorecardModel model;
      try {
        model = ScorecardModel.load("m", "v", JsonWriter.write(card));
      } catch (ModelException e) {
        assertThat(e).as("seed %d", seed).hasMessageContaining("leave nothing");
        continue;
      }
      loaded++;
      for (int i = 0; i < 20; i++) {
        Json.Obj input = input(random);
        String expected = literal(card, input);
        String found =
            switch (model.check(input)) {
              case Checked.Invalid invalid -> "invalid " + invalid.violations().size();
              case Checked.Ready ready ->
                  text(ready.rate(Attempt.ONCE).toCompletableFuture().join());
            };
        if (!found.equals(expected)) { // a description of every one would be most of the work
          assertThat(found).as("seed %d, input %s of %s", seed, input, card).isEqualTo(expected);
        }
        rated += found.startsWith("invalid") ? 0 : 1;
      }
    }
    assertThat(loaded).isGreaterThan(500);
    assertThat(rated).isGreaterThan(1_000);
  }

  private static String text(Rating rating) {
    StringBuilder text = new StringBuilder(rating.value().toString());
    rating.reasons().forEach(r -> text.append(' ').append(r.code()).append(r.points()));
    return text.toString();
  }

  private static Json.Obj input(Random random) {
    Map<String, Json> members = new LinkedHashMap<>();
    for (String field : List.of("f0", "f1", "f2", "f3")) {
      if (random.nextInt(6) > 0) {
        members.put(field, VALUES.get(random.nextInt(VALUES.size())));
      }
    }
    return new Json.Obj(members);
  }

  private static Json.Obj card(Random random) {
    Map<String, Json> texts = new LinkedHashMap<>();
    for (String code : List.of("A", "B", "C")) {
      texts.put(code, new Json.Str("text"));
    }
    List<Json> characteristics = new ArrayList<>();
    int count = 1 + random.nextInt(5);
    for (int i = 0; i < count; i++) {
      List<Json> attributes = new ArrayList<>();
      int size = 1 + random.nextInt(4);
      for (int a = 0; a < size; a++) {
        Map<String, Json> attribute = new LinkedHashMap<>();
        attribute.put("when", when(random, a == size - 1));
        attribute.put("points", points(random));
        if (random.nextInt(3) == 0) {
          attribute.put("reasonCode", code(random));
        }
        attributes.add(new Json.Obj(attribute));
      }
      characteristics.add(
          new Json.Obj(
              Map.of(
                  "name", new Json.Str("c" + i),
                  "field", new Json.Str("f" + random.nextInt(4)),
                  "baseline", points(random),
                  "reasonCode", code(random),
                  "attributes", new Json.Arr(attributes))));
    }
    return new Json.Obj(
        Map.of(
            "kind", new Json.Str("scorecard"),
            "initialScore", points(random),
            "reasonCodes",
                new Json.Obj(
                    Map.of(
                        "algorithm",
                            new Json.Str(random.nextBoolean() ? "pointsBelow" : "pointsAbove"),
                        "limit", new Json.Num(1 + random.nextInt(3)),
                        "texts", new Json.Obj(texts))),
            "characteristics", new Json.Arr(characteristics)));
  }

  private static Json code(Random random) {
    return new Json.Str(List.of("A", "B", "C").get(random.nextInt(3)));
  }

  private static Json points(Random random) {
    return new Json.Num(random.nextInt(-40, 40) / 10.0);
  }

  private static Json when(Random random, boolean last) {
    return switch (random.nextInt(last ? 6 : 4)) {
      case 0 ->
          new Json.Obj(Map.of("in", new Json.Arr(List.of(scalar(random, 0), scalar(random, 6)))));
      case 1 -> new Json.Obj(Map.of("gte", new Json.Num(random.nextInt(3)), "lt", new Json.Num(3)));
      case 2 ->
          new Json.Obj(
              Map.of(random.nextBoolean() ? "lte" : "gt", new Json.Num(random.nextInt(3))));
      case 3 -> new Json.Obj(Map.of("missing", Json.Bool.TRUE));
      default -> new Json.Obj(Map.of("otherwise", Json.Bool.TRUE));
    };
  }

  private static Json scalar(Random random, int from) {
    return VALUES.get(from + random.nextInt(5));
  }

  /** §5, word for word. */
  private static String literal(Json.Obj card, Json.Obj input) {
    Json.Obj reasonCodes = (Json.Obj) member(card, "reasonCodes");
    boolean below = member(reasonCodes, "algorithm").equals(new Json.Str("pointsBelow"));
    BigDecimal sum = number(card, "initialScore");
    int invalid = 0;
    List<String> codes = new ArrayList<>();
    List<BigDecimal> losses = new ArrayList<>();
    for (Json element : ((Json.Arr) member(card, "characteristics")).elements()) {
      Json.Obj characteristic = (Json.Obj) element;
      Json value = input.get(((Json.Str) member(characteristic, "field")).value());
      Json.Obj attribute = first(characteristic, value);
      if (attribute == null) {
        invalid++;
        continue;
      }
      sum = sum.add(number(attribute, "points"));
      BigDecimal difference =
          number(characteristic, "baseline").subtract(number(attribute, "points"));
      Json own = attribute.get("reasonCode");
      Json code = own == null ? member(characteristic, "reasonCode") : own;
      codes.add(((Json.Str) code).value());
      losses.add(below ? difference : difference.negate());
    }
    if (invalid > 0) {
      return "invalid " + invalid;
    }
    StringBuilder text = new StringBuilder(Decimal.of(sum.toPlainString()).toString());
    int limit = number(reasonCodes, "limit").intValueExact();
    List<String> named = new ArrayList<>();
    while (named.size() < limit) {
      int best = -1;
      for (int i = 0; i < codes.size(); i++) {
        if (losses.get(i).signum() > 0
            && !named.contains(codes.get(i))
            && (best < 0 || losses.get(i).compareTo(losses.get(best)) > 0)) {
          best = i;
        }
      }
      if (best < 0) {
        break;
      }
      named.add(codes.get(best));
      text.append(' ').append(codes.get(best)).append(Decimal.of(losses.get(best).toPlainString()));
    }
    return text.toString();
  }

  private static Json.@Nullable Obj first(Json.Obj characteristic, @Nullable Json value) {
    for (Json element : ((Json.Arr) member(characteristic, "attributes")).elements()) {
      Json.Obj attribute = (Json.Obj) element;
      boolean holds = true;
      for (var condition : ((Json.Obj) member(attribute, "when")).members().entrySet()) {
        holds &= holds(condition.getKey(), condition.getValue(), value);
      }
      if (holds) {
        return attribute;
      }
    }
    return null;
  }

  private static boolean holds(String name, Json operand, @Nullable Json value) {
    return switch (name) {
      case "otherwise" -> true;
      case "missing" -> value == null || value == Json.Null.NULL;
      case "in" -> value != null && ((Json.Arr) operand).elements().contains(value);
      default ->
          value instanceof Json.Num(double found)
              && operand instanceof Json.Num(double bound)
              && switch (name) {
                case "lt" -> found < bound;
                case "lte" -> found <= bound;
                case "gt" -> found > bound;
                case "gte" -> found >= bound;
                default -> throw new IllegalArgumentException(name);
              };
    };
  }

  private static BigDecimal number(Json.Obj owner, String name) {
    return new BigDecimal(((Json.Num) member(owner, name)).text());
  }

  private static Json member(Json.Obj owner, String name) {
    Json value = owner.get(name);
    assertThat(value).as(name).isNotNull();
    return value == null ? Json.Null.NULL : value;
  }
}
