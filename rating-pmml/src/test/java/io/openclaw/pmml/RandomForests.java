package io.openclaw.pmml;

import java.util.Locale;
import java.util.random.RandomGenerator;

/** Documents of random trees, as exporters write them. */
final class RandomForests {
  private final RandomGenerator random;
  private final int features;

  RandomForests(RandomGenerator random, int features) {
    this.random = random;
    this.features = features;
  }

  /** Boosted regression trees of this depth whose scores are added. */
  String boosted(int trees, int depth) {
    StringBuilder segments = new StringBuilder();
    for (int i = 1; i <= trees; i++) {
      segments
          .append("<Segment id='" + i + "'><True/><TreeModel functionName='regression'")
          .append(" splitCharacteristic='binarySplit' missingValueStrategy='defaultChild'>")
          .append(schema())
          .append(regression("1", depth, "<True/>"))
          .append("</TreeModel></Segment>\n");
    }
    return document("regression", "sum", segments.toString());
  }

  /** Classification trees whose probabilities are averaged. */
  String forest(int trees, int depth) {
    StringBuilder segments = new StringBuilder();
    for (int i = 1; i <= trees; i++) {
      segments
          .append("<Segment id='" + i + "'><True/><TreeModel functionName='classification'")
          .append(" splitCharacteristic='binarySplit'>")
          .append(schema())
          .append(classification("1", depth, "<True/>"))
          .append("</TreeModel></Segment>\n");
    }
    return document("classification", "average", segments.toString());
  }

  private String document(String function, String method, String segments) {
    StringBuilder fields = new StringBuilder();
    for (int i = 0; i < features; i++) {
      fields.append("<DataField name='x" + i + "' optype='continuous' dataType='double'/>");
    }
    fields.append("<DataField name='s' optype='categorical' dataType='string'>");
    for (String value : new String[] {"a", "b", "c", "d"}) {
      fields.append("<Value value='" + value + "'/>");
    }
    fields.append("</DataField>");
    fields.append(
        function.equals("regression")
            ? "<DataField name='y' optype='continuous' dataType='double'/>"
            : "<DataField name='y' optype='categorical' dataType='string'><Value value='no'/>"
                + "<Value value='yes'/></DataField>");
    return Pmml.document(
        fields.toString(),
        "<MiningModel functionName='"
            + function
            + "'>"
            + schema()
            + "<Segmentation multipleModelMethod='"
            + method
            + "'>\n"
            + segments
            + "</Segmentation></MiningModel>");
  }

  private String schema() {
    StringBuilder schema =
        new StringBuilder("<MiningSchema><MiningField name='y' usageType='target'/>");
    for (int i = 0; i < features; i++) {
      schema.append("<MiningField name='x" + i + "'/>");
    }
    return schema.append("<MiningField name='s'/></MiningSchema>").toString();
  }

  private String[] test() {
    if (random.nextInt(5) == 0) {
      String array = "<Array type='string'>" + (random.nextBoolean() ? "a b" : "c") + "</Array>";
      return new String[] {
        "<SimpleSetPredicate field='s' booleanOperator='isIn'>" + array + "</SimpleSetPredicate>",
        "<SimpleSetPredicate field='s' booleanOperator='isNotIn'>" + array + "</SimpleSetPredicate>"
      };
    }
    String field = "x" + random.nextInt(features);
    String value = String.format(Locale.ROOT, "%.3f", random.nextDouble(-1, 1));
    return new String[] {
      "<SimplePredicate field='" + field + "' operator='lessOrEqual' value='" + value + "'/>",
      "<SimplePredicate field='" + field + "' operator='greaterThan' value='" + value + "'/>"
    };
  }

  private String regression(String id, int depth, String predicate) {
    if (depth == 0) {
      return "<Node id='"
          + id
          + "' score='"
          + random.nextDouble(-1, 1)
          + "'>"
          + predicate
          + "</Node>";
    }
    String[] test = test();
    return "<Node id='"
        + id
        + "' defaultChild='"
        + id
        + random.nextInt(1, 3)
        + "'>"
        + predicate
        + regression(id + "1", depth - 1, test[0])
        + regression(id + "2", depth - 1, test[1])
        + "</Node>";
  }

  private String classification(String id, int depth, String predicate) {
    if (depth == 0) {
      int no = random.nextInt(1, 100);
      int yes = random.nextInt(1, 100);
      return "<Node id='"
          + id
          + "' score='"
          + (yes > no ? "yes" : "no")
          + "' recordCount='"
          + (no + yes)
          + "'>"
          + predicate
          + "<ScoreDistribution value='no' recordCount='"
          + no
          + "'/>"
          + "<ScoreDistribution value='yes' recordCount='"
          + yes
          + "'/></Node>";
    }
    String[] test = test();
    return "<Node id='"
        + id
        + "'>"
        + predicate
        + classification(id + "1", depth - 1, test[0])
        + classification(id + "2", depth - 1, test[1])
        + "</Node>";
  }

  /** An input for them. */
  String input(boolean gaps) {
    StringBuilder input = new StringBuilder("{");
    for (int i = 0; i < features; i++) {
      if (!gaps || random.nextInt(8) > 0) {
        input.append("\"x" + i + "\":" + random.nextDouble(-1.2, 1.2) + ",");
      }
    }
    return input.append("\"s\":\"" + "abcd".charAt(random.nextInt(4)) + "\"}").toString();
  }
}
