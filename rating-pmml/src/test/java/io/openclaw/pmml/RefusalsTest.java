package io.openclaw.pmml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelSource;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is refused at load, by name and place. */
class RefusalsTest {
  private static final String TREE =
      "<TreeModel functionName='regression'>"
          + Pmml.schema("y", "x")
          + "<Node score='1'><True/></Node></TreeModel>";

  private static String document() {
    return Pmml.document(Pmml.numbers("x", "y"), TREE);
  }

  @Test
  void models_that_are_not_supported() {
    for (String name :
        new String[] {
          "AssociationModel", "BayesianNetworkModel", "TimeSeriesModel", "GaussianProcessModel",
          "TextModel", "SequenceModel", "BaselineModel", "AnomalyDetectionModel",
          "NearestNeighborModel"
        }) {
      Pmml.refuses(
          Pmml.document(
              Pmml.numbers("x", "y"),
              "<"
                  + name
                  + " functionName='regression'>"
                  + Pmml.schema("y", "x")
                  + "</"
                  + name
                  + ">"),
          "line 5",
          "<" + name + ">");
    }
  }

  @Test
  void elements_and_attributes_that_nobody_looked_at() {
    Pmml.refuses(document().replace("<Node score", "<Regression/><Node score"), "<Regression>");
    Pmml.refuses(
        document().replace("<Node score", "<Node surprise=\"1\" score"), "attribute surprise");
    Pmml.refuses(document().replace("</DataDictionary>", "</DataDictionary><Foo/>"), "<Foo>");
  }

  @Test
  void versions_two_models_and_documents_that_are_no_pmml() {
    Pmml.refuses(document().replace("version=\"4.4\"", "version=\"2.1\""), "version 2.1");
    Pmml.refuses(Pmml.document(Pmml.numbers("x", "y"), TREE + TREE), "a second model");
    Pmml.refuses("<html/>", "<html>");
    Pmml.refuses("<PMML version='4.4'/>", "no <DataDictionary>");
    Pmml.refuses("not xml", "line 1");
    Pmml.refuses("", "XML");
  }

  @Test
  void dates_strings_compared_by_order_and_unknown_functions() {
    Pmml.refuses(
        Pmml.document(
            Pmml.numbers("y") + "<DataField name='x' optype='ordinal' dataType='date'/>", TREE),
        "dataType date");
    Pmml.refuses(
        Pmml.document(
            Pmml.numbers("y") + Pmml.strings("x", "a", "b"),
            TREE.replace("<True/>", "<SimplePredicate field='x' operator='lessThan' value='b'/>")),
        "lessThan of a string");
  }

  @Test
  @Timeout(value = 20, unit = TimeUnit.SECONDS)
  void document_types_and_entities_are_not_looked_at() {
    String billion =
        "<!DOCTYPE PMML [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">"
            + "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>";
    String external = "<!DOCTYPE PMML [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>";
    for (String type :
        new String[] {billion, external, "<!DOCTYPE PMML SYSTEM \"http://localhost:9/x.dtd\">"}) {
      String written = document().replace("?>\n", "?>\n" + type + "\n");
      Pmml.refuses(written, "document type");
      Pmml.refuses(written.replace("pmml\"", "&c;\""), "line");
    }
  }

  @Test
  @Timeout(value = 20, unit = TimeUnit.SECONDS)
  void depth_and_size_are_bounded() {
    String deep = "<Node><True/>".repeat(500) + "</Node>".repeat(500);
    Pmml.refuses(
        Pmml.document(
            Pmml.numbers("x", "y"),
            "<TreeModel functionName='regression'>"
                + Pmml.schema("y", "x")
                + deep
                + "</TreeModel>"),
        "elements 401 deep");
    assertThatThrownBy(
            () -> new PmmlKind().load(new ModelSource("m", "v", new byte[XmlReader.BYTES_MAX + 1])))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("bytes");
  }

  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void what_grows_when_it_is_laid_out_is_bounded() {
    StringBuilder functions = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      String next = i == 39 ? "abs" : "f" + (i + 1);
      String call = "<Apply function='" + next + "'><FieldRef field='p'/></Apply>";
      functions.append(
          "<DefineFunction name='f"
              + i
              + "' optype='continuous'><ParameterField name='p'/>"
              + "<Apply function='+'>"
              + call
              + call
              + "</Apply></DefineFunction>");
    }
    String derived =
        "<DerivedField name='d' optype='continuous' dataType='double'><Apply function='f0'>"
            + "<FieldRef field='x'/></Apply></DerivedField>";
    String tree =
        TREE.replace("<True/>", "<SimplePredicate field='d' operator='equal' value='1'/>");
    Pmml.refuses(
        Pmml.document(
            Pmml.numbers("x", "y"),
            "<TransformationDictionary>"
                + functions
                + derived
                + "</TransformationDictionary>"
                + tree),
        "(expected: fewer)");
    StringBuilder predicate =
        new StringBuilder("<SimplePredicate field='x' operator='equal' value='1'/>");
    for (int i = 0; i < 60; i++) {
      predicate
          .insert(
              0,
              "<CompoundPredicate booleanOperator='and'><SimplePredicate field='x'"
                  + " operator='lessThan' value='"
                  + i
                  + "'/>")
          .append("</CompoundPredicate>");
    }
    String nested = predicate.toString();
    for (int i = 0; i < 30; i++) {
      nested =
          "<CompoundPredicate booleanOperator='xor'>"
              + nested
              + "<SimplePredicate field='x' operator='equal' value='2'/></CompoundPredicate>";
    }
    Pmml.refuses(
        Pmml.document(Pmml.numbers("x", "y"), TREE.replace("<True/>", nested)), "tests of trees");
  }

  @Test
  void encodings_are_read_or_refused() {
    String latin =
        document().replace("?>", " encoding='ISO-8859-1'?>").replace("name=\"pmml\"", "name=\"é\"");
    byte[] bytes = latin.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    assertThat(load(bytes)).isEmpty();
    assertThat(load(("\uFEFF" + document()).getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .isEmpty();
    assertThat(load(document().getBytes(java.nio.charset.StandardCharsets.UTF_16))).isEmpty();
    assertThat(
            load(
                latin
                    .replace("ISO-8859-1", "UTF-8")
                    .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1)))
        .contains("bytes that are no UTF-8");
    assertThat(
            load(
                latin
                    .replace("ISO-8859-1", "EBCDIC")
                    .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1)))
        .contains("encoding EBCDIC");
  }

  private static String load(byte[] bytes) {
    try {
      var _ = new PmmlKind().load(new ModelSource("m", "v", bytes));
      return "";
    } catch (ModelException e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void the_bare_document_loads() {
    assertThat(Pmml.number(Pmml.load(document()), "{'x':3}", "y")).isEqualTo(1);
  }
}
