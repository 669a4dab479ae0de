import java.util.ArrayList;
import java.util.List;

/** The models of credit applications as the product's own JSON. */
class CreditJson {
  /** 600 points where good and bad are as likely, 40 more for each doubling of the odds. */
  static final String SCALE =
      "{\"of\": \"log-odds\", \"factor\": 57.70780163555854, \"offset\": 600, \"min\": 300, \"max\": 900, \"digits\": 0}";

  static final int SAMPLES = 20;

  private CreditJson() {}

  private static String head(Credit credit, String kind, String description) {
    StringBuilder out = new StringBuilder("{\n \"kind\": \"" + kind + "\",\n");
    out.append(" \"name\": \"credit-g\",\n \"description\": ").append(Text.json(description)).append(",\n");
    return out.append(inputs(credit)).append(",\n \"link\": \"logit\",\n \"scale\": ").append(SCALE)
        .append(",\n \"reasons\": {\"limit\": 4},\n").toString();
  }

  private static String inputs(Credit credit) {
    StringBuilder out = new StringBuilder(" \"inputs\": {");
    String separator = "\n  ";
    for (Credit.Field field : credit.fields) {
      out.append(separator).append(Text.json(field.name())).append(": {\"type\": ");
      out.append(field.isString() ? "\"string\", \"values\": " + list(field.values()) : "\"number\", \"min\": 0");
      out.append(", \"description\": ").append(Text.json(field.text())).append('}');
      separator = ",\n  ";
    }
    return out.append("\n }").toString();
  }

  /** What the ONNX file says of itself, in its metadata. */
  static String onnxSettings(Credit credit) {
    return "{\n \"kind\": \"onnx\",\n" + inputs(credit)
        + ",\n \"rating\": {\"output\": \"probabilities\", \"index\": 1},\n \"outputs\": {\"label\": {\"output\": \"label\"}},\n"
        + " \"scale\": " + SCALE + ",\n" + samples(credit);
  }

  private static String list(List<String> values) {
    return "[" + String.join(", ", values.stream().map(Text::json).toList()) + "]";
  }

  private static String samples(Credit credit) {
    List<String> samples = new ArrayList<>();
    for (int row : credit.heldOut().subList(0, SAMPLES)) {
      List<String> members = new ArrayList<>();
      for (int f = 0; f < credit.fields.size(); f++) {
        Credit.Field field = credit.fields.get(f);
        double x = credit.x[row][f];
        members.add(
            Text.json(field.name())
                + ": "
                + (field.isString() ? Text.json(field.values().get((int) x)) : Text.number(x)));
      }
      samples.add("  {" + String.join(", ", members) + "}");
    }
    return " \"samples\": [\n" + String.join(",\n", samples) + "\n ]\n}\n";
  }

  static String regression(Credit credit, Logistic logistic) {
    StringBuilder out = new StringBuilder();
    out.append(head(credit, "regression", "Logistic regression on 750 of the 1,000 German credit applications; 40 points double the odds"));
    out.append(" \"intercept\": ").append(Text.number(logistic.intercept)).append(",\n \"terms\": [");
    List<String> terms = new ArrayList<>();
    for (int j = 0; j < logistic.columns.size(); j++) {
      Logistic.Column column = logistic.columns.get(j);
      Credit.Field field = credit.fields.get(column.field());
      if (column.power() > 0) {
        double mean = Math.rint((column.power() == 1 ? logistic.means[j] : Math.sqrt(logistic.means[j])) * 1000) / 1000;
        terms.add("{\"field\": " + Text.json(field.name()) + ", \"coefficient\": " + Text.number(logistic.coefficients[j])
            + (column.power() == 1 ? "" : ", \"power\": " + column.power()) + ", \"baseline\": " + Text.number(mean) + "}");
      } else if (column.value() == 0) {
        List<String> values = new ArrayList<>();
        double average = 0;
        for (int value = 0; value < field.values().size(); value++) {
          values.add(Text.json(field.values().get(value)) + ": " + Text.number(logistic.coefficients[j + value]));
          average += logistic.coefficients[j + value] * logistic.means[j + value];
        }
        terms.add("{\"field\": " + Text.json(field.name()) + ", \"values\": {" + String.join(", ", values)
            + "}, \"baseline\": " + Text.number(Logistic.rounded(average)) + "}");
      }
    }
    return out.append("\n  ").append(String.join(",\n  ", terms)).append("\n ],\n").append(samples(credit)).toString();
  }

  static String trees(Credit credit, Boosted boosted) {
    StringBuilder out = new StringBuilder();
    out.append(head(credit, "trees", "100 boosted trees of depth 4 on 750 of the 1,000 German credit applications; 40 points double the odds"));
    out.append(" \"aggregate\": \"sum\",\n \"base\": ").append(Text.number(boosted.base)).append(",\n \"trees\": [");
    String separator = "\n  ";
    for (Boosted.Node tree : boosted.trees) {
      out.append(separator);
      node(credit, tree, out);
      separator = ",\n  ";
    }
    return out.append("\n ],\n").append(samples(credit)).toString();
  }

  private static void node(Credit credit, Boosted.Node node, StringBuilder out) {
    if (node.isLeaf()) {
      out.append("{\"leaf\": ").append(Text.number(node.leaf)).append(", \"weight\": ").append(node.rows).append('}');
      return;
    }
    Credit.Field field = credit.fields.get(node.field);
    out.append("{\"field\": ").append(Text.json(field.name()));
    out.append(
        field.isString()
            ? ", \"eq\": " + Text.json(field.values().get((int) node.operand))
            : ", \"lt\": " + Text.number(node.operand));
    out.append(", \"yes\": ");
    node(credit, node.yes, out);
    out.append(", \"no\": ");
    node(credit, node.no, out);
    out.append('}');
  }
}
