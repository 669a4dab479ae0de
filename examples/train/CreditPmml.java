import java.util.ArrayList;
import java.util.List;

/**
 * The models of credit applications as PMML 4.4 (dmg.org), in the shape that exporters give them: a
 * RegressionModel, and a chain of a sum of TreeModels and a RegressionModel.
 */
class CreditPmml {
  static final int VERIFIED = 20;

  private CreditPmml() {}

  private static String head(Credit credit) {
    StringBuilder out =
        new StringBuilder(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4">
             <Header copyright="Data: Hans Hofmann, UCI, CC BY 4.0" description="German credit applications">
              <Application name="examples/train" version="1"/>
             </Header>
            """);
    out.append(" <DataDictionary numberOfFields=\"").append(credit.fields.size() + 1).append("\">\n");
    for (Credit.Field field : credit.fields) {
      if (field.isString()) {
        out.append("  <DataField name=\"").append(field.name()).append("\" optype=\"categorical\" dataType=\"string\">\n");
        for (String value : field.values()) {
          out.append("   <Value value=\"").append(Text.xml(value)).append("\"/>\n");
        }
        out.append("  </DataField>\n");
      } else {
        out.append("  <DataField name=\"").append(field.name()).append("\" optype=\"continuous\" dataType=\"double\"/>\n");
      }
    }
    return out.append("  <DataField name=\"class\" optype=\"categorical\" dataType=\"string\">\n   <Value value=\"bad\"/>\n")
        .append("   <Value value=\"good\"/>\n  </DataField>\n </DataDictionary>\n").toString();
  }

  private static String schema(Credit credit, boolean target, String indent) {
    StringBuilder out = new StringBuilder(indent + "<MiningSchema>\n");
    if (target) {
      out.append(indent).append(" <MiningField name=\"class\" usageType=\"target\"/>\n");
    }
    for (Credit.Field field : credit.fields) {
      out.append(indent).append(" <MiningField name=\"").append(field.name()).append("\"/>\n");
    }
    return out.append(indent).append("</MiningSchema>\n").toString();
  }

  private static final String OUTPUT =
      """
        <Output>
         <OutputField name="probability(good)" optype="continuous" dataType="double" feature="probability" value="good"/>
         <OutputField name="probability(bad)" optype="continuous" dataType="double" feature="probability" value="bad"/>
        </Output>
      """;

  private static String verification(Credit credit, Train.Scorer good) {
    StringBuilder out = new StringBuilder();
    out.append("  <ModelVerification recordCount=\"").append(VERIFIED).append("\" fieldCount=\"")
        .append(credit.fields.size() + 1).append("\">\n   <VerificationFields>\n");
    for (Credit.Field field : credit.fields) {
      out.append("    <VerificationField field=\"").append(field.name()).append("\" column=\"").append(field.name()).append("\"/>\n");
    }
    out.append("    <VerificationField field=\"probability(good)\" column=\"probability_good\" precision=\"1E-9\" zeroThreshold=\"1E-9\"/>\n");
    out.append("   </VerificationFields>\n   <InlineTable>\n");
    for (int row : credit.heldOut().subList(0, VERIFIED)) {
      out.append("    <row>");
      for (int f = 0; f < credit.fields.size(); f++) {
        Credit.Field field = credit.fields.get(f);
        double x = credit.x[row][f];
        out.append('<').append(field.name()).append('>');
        out.append(field.isString() ? Text.xml(field.values().get((int) x)) : Text.number(x));
        out.append("</").append(field.name()).append('>');
      }
      out.append("<probability_good>").append(good.of(row)).append("</probability_good></row>\n");
    }
    return out.append("   </InlineTable>\n  </ModelVerification>\n").toString();
  }

  static String regression(Credit credit, Logistic logistic) {
    StringBuilder out = new StringBuilder(head(credit));
    out.append(" <RegressionModel modelName=\"credit-g\" functionName=\"classification\" algorithmName=\"logisticRegression\" normalizationMethod=\"logit\">\n");
    out.append(schema(credit, true, "  ")).append(OUTPUT);
    out.append("  <RegressionTable intercept=\"").append(logistic.intercept).append("\" targetCategory=\"good\">\n");
    List<String> categorical = new ArrayList<>();
    for (int j = 0; j < logistic.columns.size(); j++) {
      Logistic.Column column = logistic.columns.get(j);
      Credit.Field field = credit.fields.get(column.field());
      if (column.power() > 0) {
        out.append("   <NumericPredictor name=\"").append(field.name()).append("\" exponent=\"").append(column.power())
            .append("\" coefficient=\"").append(logistic.coefficients[j]).append("\"/>\n");
      } else {
        categorical.add("   <CategoricalPredictor name=\"" + field.name() + "\" value=\""
            + Text.xml(field.values().get(column.value())) + "\" coefficient=\"" + logistic.coefficients[j] + "\"/>\n");
      }
    }
    categorical.forEach(out::append);
    out.append("  </RegressionTable>\n  <RegressionTable intercept=\"0\" targetCategory=\"bad\"/>\n");
    out.append(verification(credit, logistic::probability));
    return out.append(" </RegressionModel>\n</PMML>\n").toString();
  }

  static String trees(Credit credit, Boosted boosted) {
    StringBuilder out = new StringBuilder(head(credit));
    out.append(" <MiningModel modelName=\"credit-g\" functionName=\"classification\" algorithmName=\"boosted trees\">\n");
    out.append(schema(credit, true, "  ")).append(OUTPUT);
    out.append("  <Segmentation multipleModelMethod=\"modelChain\">\n   <Segment id=\"1\">\n    <True/>\n    <MiningModel functionName=\"regression\">\n");
    out.append(schema(credit, false, "     "));
    out.append("     <Output>\n      <OutputField name=\"margin\" optype=\"continuous\" dataType=\"double\" feature=\"predictedValue\" isFinalResult=\"false\"/>\n     </Output>\n");
    out.append("     <Segmentation multipleModelMethod=\"sum\">\n");
    for (int tree = 0; tree < boosted.trees.size(); tree++) {
      out.append("      <Segment id=\"").append(tree + 1).append("\"><True/>");
      out.append("<TreeModel functionName=\"regression\" splitCharacteristic=\"binarySplit\">\n");
      out.append(treeSchema(credit, boosted.trees.get(tree)));
      node(credit, boosted.trees.get(tree), "<True/>", "       ", out);
      out.append("      </TreeModel></Segment>\n");
    }
    out.append("     </Segmentation>\n    </MiningModel>\n   </Segment>\n   <Segment id=\"2\">\n    <True/>\n");
    out.append("    <RegressionModel functionName=\"classification\" normalizationMethod=\"logit\">\n     <MiningSchema>\n");
    out.append("      <MiningField name=\"class\" usageType=\"target\"/>\n      <MiningField name=\"margin\"/>\n     </MiningSchema>\n");
    out.append(OUTPUT.indent(3));
    out.append("     <RegressionTable intercept=\"").append(boosted.base).append("\" targetCategory=\"good\">\n");
    out.append("      <NumericPredictor name=\"margin\" coefficient=\"1\"/>\n     </RegressionTable>\n");
    out.append("     <RegressionTable intercept=\"0\" targetCategory=\"bad\"/>\n    </RegressionModel>\n   </Segment>\n  </Segmentation>\n");
    out.append(verification(credit, boosted::probability));
    return out.append(" </MiningModel>\n</PMML>\n").toString();
  }

  private static String treeSchema(Credit credit, Boosted.Node tree) {
    boolean[] used = new boolean[credit.fields.size()];
    mark(tree, used);
    StringBuilder out = new StringBuilder("       <MiningSchema>");
    for (int f = 0; f < used.length; f++) {
      if (used[f]) {
        out.append("<MiningField name=\"").append(credit.fields.get(f).name()).append("\"/>");
      }
    }
    return out.append("</MiningSchema>\n").toString();
  }

  private static void mark(Boosted.Node node, boolean[] used) {
    if (!node.isLeaf()) {
      used[node.field] = true;
      mark(node.yes, used);
      mark(node.no, used);
    }
  }

  private static void node(Credit credit, Boosted.Node node, String predicate, String indent, StringBuilder out) {
    if (node.isLeaf()) {
      out.append(indent).append("<Node score=\"").append(node.leaf).append("\" recordCount=\"").append(node.rows).append("\">")
          .append(predicate).append("</Node>\n");
      return;
    }
    out.append(indent).append("<Node recordCount=\"").append(node.rows).append("\">").append(predicate).append('\n');
    Credit.Field field = credit.fields.get(node.field);
    String value = field.isString() ? Text.xml(field.values().get((int) node.operand)) : Text.number(node.operand);
    node(credit, node.yes, predicate(field, field.isString() ? "equal" : "lessThan", value), indent + " ", out);
    node(credit, node.no, predicate(field, field.isString() ? "notEqual" : "greaterOrEqual", value), indent + " ", out);
    out.append(indent).append("</Node>\n");
  }

  private static String predicate(Credit.Field field, String operator, String value) {
    return "<SimplePredicate field=\"" + field.name() + "\" operator=\"" + operator + "\" value=\"" + value + "\"/>";
  }
}
