package io.openclaw.rating;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.openclaw.domain.Json;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random regressions and trees rate random inputs as a plain reading of their documents does. */
class FlatPropertyTest {
  private static final String[] COLOURS = {"red", "green", "blue", "grey"};

  private static final String INPUTS =
      "'inputs':{'a':{'type':'number'},'b':{'type':'number','required':false},"
          + "'c':{'type':'string','values':['red','green','blue','grey'],'required':false},"
          + "'d':{'type':'boolean'}}";

  private static String number(Random random) {
    return Integer.toString(random.nextInt(41) - 20) + (random.nextBoolean() ? ".5" : "");
  }

  private static Json.Obj input(Random random) {
    StringBuilder input = new StringBuilder("{'a':" + number(random));
    if (random.nextInt(3) > 0) {
      input.append(",'b':").append(random.nextInt(5) == 0 ? "null" : number(random));
    }
    if (random.nextInt(3) > 0) {
      input.append(",'c':'").append(COLOURS[random.nextInt(4)]).append('\'');
    }
    return Ratings.object(input + ",'d':" + random.nextBoolean() + "}");
  }

  private static String tree(Random random, int depth) {
    if (depth == 0 || random.nextInt(5) == 0) {
      return "{'leaf':" + number(random) + "}";
    }
    String test =
        switch (random.nextInt(5)) {
          case 0 -> "'field':'a','lt':" + number(random);
          case 1 -> "'field':'b','lte':" + number(random) + missing(random);
          case 2 -> "'field':'c','eq':'" + COLOURS[random.nextInt(4)] + "'" + missing(random);
          case 3 ->
              "'field':'c','in':['red','" + COLOURS[1 + random.nextInt(3)] + "']" + missing(random);
          default -> "'field':'d','eq':" + random.nextBoolean();
        };
    return "{"
        + test
        + ",'yes':"
        + tree(random, depth - 1)
        + ",'no':"
        + tree(random, depth - 1)
        + "}";
  }

  private static String missing(Random random) {
    return ",'missing':'" + (random.nextBoolean() ? "yes" : "no") + "'";
  }

  /** Reads the tree as written; or, planted, takes {@code lte} for {@code lt}. */
  private static double answer(Json.Obj node, Json.Obj input, boolean planted) {
    if (node.get("leaf") instanceof Json.Num leaf) {
      return leaf.value();
    }
    Json value = input.get(text(node, "field"));
    boolean yes;
    if (value == null || value == Json.Null.NULL) {
      yes = text(node, "missing").equals("yes");
    } else if (node.get("lt") instanceof Json.Num bound) {
      yes = ((Json.Num) value).value() < bound.value();
    } else if (node.get("lte") instanceof Json.Num bound) {
      double x = ((Json.Num) value).value();
      yes = planted ? x < bound.value() : x <= bound.value();
    } else if (node.get("in") instanceof Json.Arr values) {
      yes = values.elements().contains(value);
    } else {
      yes = value.equals(node.get("eq"));
    }
    return answer((Json.Obj) member(node, yes ? "yes" : "no"), input, planted);
  }

  private static Json member(Json.Obj owner, String name) {
    return java.util.Objects.requireNonNull(owner.get(name), name);
  }

  private static String text(Json.Obj owner, String name) {
    return ((Json.Str) member(owner, name)).value();
  }

  @Test
  void trees_answer_as_they_are_written() {
    for (long seed = 0; seed < 300; seed++) {
      assertThat(farthest(seed, false)).as("seed " + seed).isLessThan(1e-6);
    }
  }

  @Test
  void a_planted_misreading_is_noticed() {
    double farthest = 0;
    for (long seed = 0; seed < 300; seed++) {
      farthest = Math.max(farthest, farthest(seed, true));
    }
    assertThat(farthest).isGreaterThan(0.1);
  }

  /** How far the ratings of a seed's trees are from a plain reading of them. */
  private static double farthest(long seed, boolean planted) {
    Random random = new Random(seed);
    StringBuilder trees = new StringBuilder(tree(random, 4));
    for (int i = random.nextInt(9); i > 0; i--) {
      trees.append(',').append(tree(random, 4));
    }
    boolean average = random.nextBoolean();
    String json =
        "{'kind':'trees',%s,'aggregate':'%s','base':3,'trees':[%s],'reasons':{'limit':4}}"
            .formatted(INPUTS, average ? "average" : "sum", trees);
    RatingModel model = FlatModels.load(json);
    Json.Arr written = (Json.Arr) member(Ratings.object(json), "trees");
    double farthest = 0;
    for (int i = 0; i < 20; i++) {
      Json.Obj input = input(random);
      double sum =
          written.elements().stream().mapToDouble(t -> answer((Json.Obj) t, input, planted)).sum();
      double expected = 3 + (average ? sum / written.elements().size() : sum);
      double rating = Double.parseDouble(Ratings.rate(model, input).value().toString());
      farthest = Math.max(farthest, Math.abs(rating - expected));
    }
    return farthest;
  }

  @Test
  void regressions_add_up_what_their_terms_say() {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      double a = random.nextInt(9) - 4;
      double b = random.nextInt(9) - 4;
      int power = 1 + random.nextInt(3);
      double missing = random.nextInt(5);
      double[] colours = random.doubles(5, -5, 5).map(Math::rint).toArray();
      double product = random.nextInt(5);
      RatingModel model =
          FlatModels.load(
              ("{'kind':'regression',%s,'intercept':2,'terms':[{'field':'a','coefficient':%s,'power':%d},"
                      + "{'field':'b','coefficient':%s,'missing':%s},"
                      + "{'field':'c','values':{'red':%s,'green':%s,'blue':%s},'otherwise':%s,'missing':%s},"
                      + "{'fields':['a','d'],'coefficient':%s}]}")
                  .formatted(
                      INPUTS,
                      a,
                      power,
                      b,
                      missing,
                      colours[0],
                      colours[1],
                      colours[2],
                      colours[3],
                      colours[4],
                      product));
      for (int i = 0; i < 20; i++) {
        Json.Obj input = input(random);
        double x = ((Json.Num) member(input, "a")).value();
        double expected = 2 + a * Math.pow(x, power);
        expected += b * (input.get("b") instanceof Json.Num number ? number.value() : missing);
        expected +=
            input.get("c") instanceof Json.Str colour
                ? colours[java.util.List.of(COLOURS).indexOf(colour.value())]
                : colours[4];
        expected += product * x * (input.get("d") == Json.Bool.TRUE ? 1 : 0);
        assertThat(Double.parseDouble(Ratings.rate(model, input).value().toString()))
            .as("seed " + seed + " " + input)
            .isCloseTo(expected, within(1e-6));
      }
    }
  }

  @Test
  void a_longer_text_of_the_same_words_is_rated_within_a_hair_of_the_short_one() {
    RatingModel model = Examples.load("content", Examples.bytes("models/content.json"));
    for (Json.Obj text : Examples.texts().subList(0, 50)) {
      String once = text(text, "content");
      Json.Obj twice = new Json.Obj(Map.of("content", new Json.Str(once + " " + once)));
      double before = Double.parseDouble(Ratings.rate(model, text).value().toString());
      double after = Double.parseDouble(Ratings.rate(model, twice).value().toString());
      assertThat(after).as(once).isCloseTo(before, within(12.0));
    }
  }
}
