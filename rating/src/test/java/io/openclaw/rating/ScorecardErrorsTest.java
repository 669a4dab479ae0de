package io.openclaw.rating;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ScorecardErrorsTest {
  private static final String GOOD =
      """
      {'kind':'scorecard','name':'n','description':'d','initialScore':0,
       'reasonCodes':{'algorithm':'pointsBelow','limit':4,'texts':{'A':'a'}},
       'characteristics':[{'name':'c','field':'f','reasonCode':'A','baseline':2,'attributes':[
        {'when':{'in':['x','y']},'points':1},{'when':{'missing':true},'points':2}]}]}
      """;

  private static final String ATTRIBUTES = "/characteristics/0/attributes";

  @Test
  void the_table_starts_from_a_good_model() throws ModelException {
    assertThat(ScorecardModel.load("m", "v", Ratings.bytes(GOOD)).kind()).isEqualTo("scorecard");
  }

  /** What is replaced in the good model, by what, and the message. */
  static Stream<Arguments> broken() {
    return Stream.of(
        // the document
        change("{'kind'", "{'kind", "the model: line "),
        change("'scorecard'", "'tree'", "/kind: \"tree\" (expected: \"scorecard\")"),
        change("'kind':'scorecard',", "", "/kind: absent (expected: this member)"),
        change(
            "'name':'n'", "'nome':'n'", "/nome: an unknown member (expected: one of kind, name, "),
        change("'name':'n'", "'name':''", "/name: 0 characters (expected: 1 to 256)"),
        change("'description':'d'", "'description':7", "/description: 7 (expected: a string)"),
        change(
            "'initialScore':0", "'initialScore':'0'", "/initialScore: \"0\" (expected: a number)"),
        change("'initialScore':0,", "", "/initialScore: absent (expected: this member)"),
        // reason codes
        change(
            "pointsBelow",
            "pointsUnder",
            "/reasonCodes/algorithm: \"pointsUnder\" (expected: pointsBelow or pointsAbove)"),
        change("'algorithm':'pointsBelow',", "", "/reasonCodes/algorithm: absent"),
        change(
            "'limit':4",
            "'limit':0",
            "/reasonCodes/limit: 0 (expected: a whole number from 1 to 100)"),
        change(
            "'limit':4",
            "'limit':101",
            "/reasonCodes/limit: 101 (expected: a whole number from 1 to 100)"),
        change(
            "'limit':4",
            "'limit':1.5",
            "/reasonCodes/limit: 1.5 (expected: a whole number from 1 to 100)"),
        change("'limit':4", "'limit':4,'max':4", "/reasonCodes/max: an unknown member"),
        change("{'A':'a'}", "['A']", "/reasonCodes/texts: an array (expected: an object)"),
        change("{'A':'a'}", "{'A':1}", "/reasonCodes/texts/A: 1 (expected: a string)"),
        change(
            "{'A':'a'}",
            "{'A':'a','':'b'}",
            "/reasonCodes/texts/: 0 characters (expected: a code of 1 to 256)"),
        change(
            "{'A':'a'}",
            "{'B/~':'a'}",
            "/characteristics/0/reasonCode: \"A\" (expected: a code that /reasonCodes/texts explains)"),
        change(
            "'reasonCode':'A',",
            "",
            "/characteristics/0/reasonCode: absent (expected: a reason code, or one in every attribute)"),
        change(
            "'reasonCodes':{'algorithm':'pointsBelow','limit':4,'texts':{'A':'a'}},",
            "",
            "/characteristics/0/reasonCode: an unknown member"),
        // characteristics
        change("'baseline':2,", "", "/characteristics/0/baseline: absent (expected: this member)"),
        change(
            "'baseline':2,",
            "'baseline':null,",
            "/characteristics/0/baseline: null (expected: a number)"),
        change(
            "'field':'f'",
            "'field':['f']",
            "/characteristics/0/field: an array (expected: a string)"),
        change("'field':'f'", "'feld':'f'", "/characteristics/0/feld: an unknown member"),
        change("'name':'c',", "", "/characteristics/0/name: absent"),
        change("[{'name'", "[1,{'name'", "/characteristics/0: 1 (expected: an object)"),
        change(
            "}]}]}",
            "}]},{'name':'c','field':'g'}]}",
            "/characteristics/1/name: \"c\" (expected: a name no earlier characteristic has)"),
        // attributes
        change("'points':1", "'points':'1'", ATTRIBUTES + "/0/points: \"1\" (expected: a number)"),
        change(",'points':1", "", ATTRIBUTES + "/0/points: absent (expected: this member)"),
        change(
            "'points':1",
            "'points':1,'reasonCode':'Z'",
            ATTRIBUTES
                + "/0/reasonCode: \"Z\" (expected: a code that /reasonCodes/texts explains)"),
        change(
            "'points':1",
            "'points':1,'weight':1",
            ATTRIBUTES
                + "/0/weight: an unknown member (expected: one of when, points, reasonCode)"),
        change(
            "'points':1",
            "'points':1e9",
            ATTRIBUTES + "/0/points: 1000000000 (expected: -999999999 to 999999999)"),
        change(
            "'points':1",
            "'points':0.0000000001",
            ATTRIBUTES
                + "/0/points: 1.0E-10 (expected: at most 9 digits after the point and 15 in all)"),
        change("'points':1", "'points':12345678.123456789", ATTRIBUTES + "/0/points: "),
        change(
            "{'when':{'in':['x','y']},'points':1}",
            "{'points':1}",
            ATTRIBUTES + "/0/when: absent (expected: this member)"),
        // conditions
        when("{}", ": {} (expected: a condition"),
        when("'x'", ": \"x\" (expected: an object)"),
        when(
            "{'is':'x'}",
            "/is: an unknown member (expected: one of lt, lte, gt, gte, eq, in, missing, otherwise)"),
        when("{'in':[]}", "/in: 0 elements (expected: 1 to 10000)"),
        when("{'in':'x'}", "/in: \"x\" (expected: an array)"),
        when("{'in':['x',null]}", "/in/1: null (expected: a string, number or boolean)"),
        when("{'in':['x','x']}", "/in/1: \"x\" again (expected: each once)"),
        when("{'in':[0,-0.0]}", "/in/1: 0 again (expected: each once)"),
        when("{'eq':{}}", "/eq: an object (expected: a string, number or boolean)"),
        when("{'eq':'x','in':['y']}", "/eq: eq beside in (expected: one of the two)"),
        when(
            "{'in':['x',7],'lt':7}",
            "/in: no value within the bounds beside it (expected: at least one)"),
        when("{'lt':'7'}", "/lt: \"7\" (expected: a number)"),
        when(
            "{'gte':7,'lt':7}",
            ": bounds between which no number lies (expected: a range that holds a number)"),
        when("{'gt':7,'lte':7}", ": bounds between which no number lies"),
        when("{'gt':7,'lt':3}", ": bounds between which no number lies"),
        when("{'missing':false}", "/missing: false (expected: true)"),
        when("{'otherwise':1}", "/otherwise: 1 (expected: true)"),
        when(
            "{'missing':true,'lt':3}",
            "/missing: true beside other conditions (expected: it stands alone)"),
        when(
            "{'otherwise':true,'eq':3}",
            "/otherwise: true beside other conditions (expected: it stands alone)"),
        when("{'missing':true,'otherwise':true}", "/missing: true beside other conditions"),
        // an attribute that can never be the first to hold
        unreachable("{'otherwise':true}", "{'eq':'z'}"),
        unreachable("{'otherwise':true}", "{'missing':true}"),
        unreachable("{'missing':true}", "{'missing':true}"),
        unreachable("{'in':['x','y']}", "{'eq':'x'}"),
        unreachable("{'eq':true}", "{'eq':true}"),
        unreachable("{'lt':10}", "{'gte':3,'lt':10}"),
        unreachable("{'gte':0}", "{'in':[0,5]}"));
  }

  private static Arguments change(String from, String to, String message) {
    assertThat(GOOD).contains(from);
    int at = GOOD.indexOf(from);
    return Arguments.of(GOOD.substring(0, at) + to + GOOD.substring(at + from.length()), message);
  }

  private static Arguments when(String when, String message) {
    return change("{'in':['x','y']}", when, ATTRIBUTES + "/0/when" + message);
  }

  private static Arguments unreachable(String first, String second) {
    return change(
        "{'in':['x','y']},'points':1}",
        first + ",'points':1},{'when':" + second + ",'points':1}",
        ATTRIBUTES + "/1/when: a condition that earlier attributes leave nothing for");
  }

  @ParameterizedTest
  @MethodSource("broken")
  void a_broken_model_is_refused_with_the_place_and_what_was_expected(String json, String message) {
    assertThatThrownBy(() -> ScorecardModel.load("m", "v", Ratings.bytes(json)))
        .isInstanceOf(ModelException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void ranges_that_together_cover_a_later_one_make_it_unreachable() {
    String json =
        GOOD.replace(
            "{'when':{'in':['x','y']},'points':1}",
            "{'when':{'lt':5},'points':1},{'when':{'gte':5,'lt':9},'points':1},"
                + "{'when':{'gt':2,'lt':8},'points':1}");
    assertThatThrownBy(() -> ScorecardModel.load("m", "v", Ratings.bytes(json)))
        .hasMessageStartingWith(ATTRIBUTES + "/2/when: ");
  }

  @Test
  void too_many_characteristics_attributes_or_codes_are_refused_with_the_bound() {
    String attribute = "{'when':{'otherwise':true},'points':1}";
    assertRefused(
        "{'kind':'scorecard','initialScore':0,'characteristics':["
            + repeated(
                1_001, i -> "{'name':'c" + i + "','field':'f','attributes':[" + attribute + "]}")
            + "]}",
        "/characteristics: 1001 elements (expected: 1 to 1000)");
    assertRefused(
        "{'kind':'scorecard','initialScore':0,'characteristics':[{'name':'c','field':'f','attributes':["
            + repeated(1_001, i -> "{'when':{'eq':" + i + "},'points':1}")
            + "]}]}",
        "/characteristics/0/attributes: 1001 elements (expected: 1 to 1000)");
    assertRefused(
        GOOD.replace("{'A':'a'}", "{" + repeated(1_001, i -> "'" + i + "':'t'") + "}"),
        "/reasonCodes/texts: 1001 codes (expected: at most 1000)");
    assertRefused(
        GOOD.replace("['x','y']", "[" + repeated(10_001, i -> "" + i) + "]"),
        ATTRIBUTES + "/0/when/in: 10001 elements (expected: 1 to 10000)");
    assertRefused(
        "{'kind':'scorecard','initialScore':0,'characteristics':[]}",
        "/characteristics: 0 elements (expected: 1 to 1000)");
  }

  @Test
  void points_whose_sum_could_overflow_are_refused() {
    assertRefused(
        "{'kind':'scorecard','initialScore':0.000000001,'characteristics':["
            + repeated(
                2,
                i ->
                    "{'name':'c"
                        + i
                        + "','field':'f','attributes':[{'when':{'otherwise':true},'points':-999999999}]}")
            + "]}",
        "/characteristics: points that can add up to 1999999998.000000001 with 9 places"
            + " (expected: at most 18 digits in all)");
  }

  @Test
  void a_broken_document_is_refused_with_line_and_column() {
    assertThatThrownBy(() -> ScorecardModel.load("m", "v", "[1".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(ModelException.class)
        .hasMessageStartingWith("the model: line 1, column ");
    assertRefused("[]", "the model: an array (expected: an object)");
    assertRefused("{'kind':'scorecard','kind':'scorecard'}", "the model: line 1, column ");
  }

  @Test
  void the_exception_carries_the_pointer() {
    assertThatThrownBy(
            () -> ScorecardModel.load("m", "v", Ratings.bytes(GOOD.replace("'field'", "'a/b'"))))
        .isInstanceOfSatisfying(
            ModelException.class,
            e -> assertThat(e.pointer()).isEqualTo("/characteristics/0/a~1b"));
  }

  private static void assertRefused(String json, String message) {
    assertThatThrownBy(() -> ScorecardModel.load("m", "v", Ratings.bytes(json)))
        .isInstanceOf(ModelException.class)
        .hasMessageStartingWith(message);
  }

  private static String repeated(int times, java.util.function.IntFunction<String> text) {
    List<String> parts = IntStream.range(0, times).mapToObj(text).toList();
    return parts.stream().collect(Collectors.joining(","));
  }
}
