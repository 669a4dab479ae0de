package io.openclaw.rating;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each way in which a document can be wrong is named with its place. */
class FlatModelErrorsTest {
  private static Arguments change(String good, String from, String to, String message) {
    assertThat(good).contains(from);
    return Arguments.of(good.replace(from, to), message);
  }

  private static Arguments regression(String from, String to, String message) {
    return change(FlatModels.REGRESSION, from, to, message);
  }

  private static Arguments trees(String from, String to, String message) {
    return change(FlatModels.TREES, from, to, message);
  }

  private static Arguments content(String from, String to, String message) {
    return change(FlatModels.CONTENT, from, to, message);
  }

  private static Arguments chain(String from, String to, String message) {
    return change(FlatModels.CHAIN, from, to, message);
  }

  static Stream<Arguments> broken() {
    return Stream.of(
        regression("'intercept':-1", "'intercept':'x'", "/intercept: \"x\" (expected: a number)"),
        regression(
            "'intercept':-1", "'intercept':1e13", "/intercept: 10000000000000 (expected: -1e12"),
        regression("'logit'", "'tanh'", "/link: \"tanh\" (expected: identity, logit, probit"),
        regression("'logit'", "'log'", "/scale/of: log-odds, of an output that is no probability"),
        regression(
            "'power':2", "'power':11", "/terms/0/power: 11 (expected: a whole number from 1"),
        regression(
            "'field':'age'",
            "'field':'ag'",
            "/terms/0/field: \"ag\" (expected: one of the inputs)"),
        regression("'missing':8,", "", "/terms/1/missing: absent"),
        regression(
            "'coefficient':0.5,",
            "'coefficient':0.5,'missing':1,",
            "/terms/0/missing: 1 (expected: none"),
        regression(
            "'otherwise':0.5,",
            "",
            "/terms/2/values/other: absent (expected: a number, or `otherwise`)"),
        regression(
            "'tv':-2", "'tv':-2,'bike':1", "/terms/2/values/bike: a value the input has not"),
        regression("'tv':-2", "'tv':-2,'other':1", "/terms/2/otherwise: 0.5 (expected: none"),
        regression(
            "'baseline':'car'",
            "'baseline':'bike'",
            "/terms/2/baseline: \"bike\" (expected: one of"),
        regression(
            "['age','owner']",
            "['age','income']",
            "/terms/3/fields/1: \"income\" (expected: an input that is a number"),
        regression("'terms':[", "'terms':[{},", "/terms/0/field: absent"),
        regression("'limit':2", "'limit':0", "/reasons/limit: 0"),
        regression("'age':'Age'", "'agee':'Age'", "/reasons/texts/agee: a text of no input"),
        regression(
            "'reasons':{'limit':2,'texts':{'age':'Age'}},",
            "",
            "/terms/0/baseline: 20 (expected: none"),
        regression(
            "{'fields':['age','owner'],'coefficient':2,'baseline':0}",
            "{'field':'age','coefficient':1}",
            "/inputs/owner: an input of no term"),
        regression("'samples':[", "'samples':[7,", "/samples/0: 7"),
        trees("'sum'", "'max'", "/aggregate: \"max\" (expected: sum or average)"),
        trees("'lt':30", "'lt':'30'", "/trees/0/lt: \"30\" (expected: a number)"),
        trees("'lt':30", "'lt':30,'eq':30", "/trees/0/eq: eq beside lt"),
        trees("'lt':30,", "", "/trees/0: no test (expected: lt, lte, eq, in or leaf)"),
        trees(
            "'field':'owner','eq':true",
            "'field':'owner','lt':1",
            "/trees/1/lt: 1 (expected: eq or in"),
        trees("'eq':true", "'eq':1", "/trees/1/eq: 1 (expected: a value that the input can have)"),
        trees(
            "'in':['car','tv']",
            "'in':['car','bus']",
            "/trees/0/no/in/1: \"bus\" (expected: a value that"),
        trees("'missing':'no',", "", "/trees/0/no/missing: absent"),
        trees(
            "'missing':'no'",
            "'missing':'maybe'",
            "/trees/0/no/missing: \"maybe\" (expected: yes or no)"),
        trees("'weight':3", "'weight':0", "/trees/0/yes/weight: 0 (expected: > 0"),
        trees(
            "'type':'boolean'",
            "'type':'any'",
            "/inputs/owner/type: \"any\" (expected: number, integer, string or boolean)"),
        trees("'type':'string'", "'type':'scalar'", "/inputs/purpose/type: \"scalar\" (expected: "),
        trees("{'leaf':0.25}", "{'leaf':0.25,'yes':{}}", "/trees/2/yes: an unknown member"),
        trees("{'leaf':0.25}", "{'leaf':1e13}", "/trees/2/leaf: 10000000000000"),
        trees("'base':10", "'base':10,'float':1", "/float: 1 (expected: true or false)"),
        content("'hashBits':8", "'hashBits':9", "/weights: 256 bytes (expected: 512 signed bytes"),
        content("'hashBits':8", "'hashBits':21", "/hashBits: 21"),
        content("'ngrams':2", "'ngrams':3", "/ngrams: 3"),
        content("'weights':'A", "'weights':'*A", "/weights: "),
        content("'lengthMax':100", "'lengthMax':1000000", "/lengthMax: 1000000"),
        content(
            "['bad'",
            "['Bad'",
            "/reasons/words/0: \"Bad\" (expected: one word of lower-case letters"),
        content("['bad'", "['two words'", "/reasons/words/0"),
        content("['bad'", "['good'", "/reasons/words/1"),
        chain(
            "'second'",
            "'policy'",
            "/stages/1/name: \"policy\" (expected: a name no earlier stage has)"),
        chain("'gte':100,", "'gte':200,", "/stages/0/answerIf/lt: 200 (expected: > gte, 200)"),
        chain("'gte':100,'lt':200", "", "/stages/0/answerIf: {} (expected: gte, lt or both)"),
        chain("'deadlineMillis':50", "'deadlineMillis':0", "/stages/1/deadlineMillis: 0"),
        chain("'score':'prior'", "'score':'x'", "/stages/0/pass/score: \"x\" (expected: "),
        chain(
            "'score':'prior'",
            "'score':'y'",
            "/stages/0/pass/score: \"y\" (expected: a field that a later"),
        chain(
            "'max':1000", "'max':'x'", "/stages/0/model/inputs/x/max: \"x\" (expected: a number)"),
        chain("'x':{'type':'number'}}", "'x':{'type':'string'}}", "/stages/1/model/terms/1/field"),
        chain("'fallback'", "'fallbak'", "/fallbak: an unknown member"),
        chain("'rating':7", "'rating':'7'", "/fallback/rating: \"7\""),
        chain("'points':1.5", "'points':0", "/fallback/reasons/0/points: 0 (expected: > 0)"),
        chain("'deadlineMillis':50,'onFailure':'next',", "", "/fallback: never reached"),
        chain(
            "'kind':'regression','inputs':{'x'",
            "'kind':'items','inputs':{'x'",
            "/stages/0/model/kind: \"items\" (expected: a model without state)"),
        chain(
            "'kind':'regression','inputs':{'x'",
            "'kind':'pmml','inputs':{'x'",
            "/stages/0/model/kind: \"pmml\" (expected: one that this program"));
  }

  @ParameterizedTest
  @MethodSource("broken")
  void names_the_place_what_it_found_and_what_was_expected(String json, String message) {
    String kind = json.replaceAll("(?s)^\\s*\\{'kind':'(\\w+)'.*", "$1");
    assertThatThrownBy(() -> Examples.loadOrThrow(kind, Ratings.bytes(json)))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(message);
  }

  @Test
  void every_broken_term_tree_and_stage_is_named_at_once() {
    String terms = FlatModels.REGRESSION.replace("'coefficient'", "'coeff'");
    ModelException all =
        catchThrowableOfType(
            ModelException.class, () -> Examples.loadOrThrow("regression", Ratings.bytes(terms)));
    assertThat(all.problems())
        .extracting(ModelException.Problem::place)
        .containsExactly("/terms/0/coeff", "/terms/1/coeff", "/terms/3/coeff");
    String trees = FlatModels.TREES.replace("'leaf':", "'leav':");
    all =
        catchThrowableOfType(
            ModelException.class, () -> Examples.loadOrThrow("trees", Ratings.bytes(trees)));
    assertThat(all.problems()).hasSize(3);
    String stages = FlatModels.CHAIN.replace("'coefficient'", "'coeff'");
    all =
        catchThrowableOfType(
            ModelException.class, () -> Examples.loadOrThrow("chain", Ratings.bytes(stages)));
    assertThat(all.problems())
        .extracting(ModelException.Problem::place)
        .containsExactly(
            "/stages/0/model/terms/0/coeff",
            "/stages/1/model/terms/0/coeff",
            "/stages/1/model/terms/1/coeff");
  }

  @Test
  void a_tree_deeper_than_allowed_is_refused() {
    StringBuilder deep = new StringBuilder("{'leaf':1}");
    for (int i = 0; i <= TreesModel.DEPTH_MAX; i++) {
      deep.insert(0, "{'field':'x','lt':1,'no':{'leaf':0},'yes':").append('}');
    }
    String json =
        "{'kind':'trees','inputs':{'x':{'type':'number'}},'aggregate':'sum','trees':["
            + deep
            + "]}";
    assertThatThrownBy(() -> Examples.loadOrThrow("trees", Ratings.bytes(json)))
        .hasMessageContaining("a node below 50 others (expected: at most 50)");
  }

  @Test
  void the_good_documents_are_good() {
    for (String good :
        new String[] {
          FlatModels.REGRESSION, FlatModels.TREES, FlatModels.CONTENT, FlatModels.CHAIN
        }) {
      assertThat(FlatModels.load(good).name()).isEqualTo("m");
    }
  }
}
