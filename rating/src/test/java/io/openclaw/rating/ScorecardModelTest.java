package io.openclaw.rating;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Reason;
import io.openclaw.domain.Violation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ScorecardModelTest {
  private static final Decimal THRESHOLD = new Decimal(650, 0);

  @Test
  void rates_all_1000_credit_applications_as_expected_byte_for_byte() {
    assertThat(answers(CreditG.model())).isEqualTo(CreditG.expected());
  }

  @Test
  void a_scorecard_with_one_point_changed_is_caught_by_that_comparison() throws ModelException {
    String changed =
        new String(CreditG.scorecard(), StandardCharsets.UTF_8)
            .replaceFirst("\"points\": 31", "\"points\": 32");
    ScorecardModel planted =
        ScorecardModel.load("credit-g", "v1", changed.getBytes(StandardCharsets.UTF_8));
    assertThat(answers(planted)).isNotEqualTo(CreditG.expected());
  }

  private static byte[] answers(RatingModel model) {
    StringBuilder csv = new StringBuilder("row,rating,decision_at_650,reasons\n");
    int row = 0;
    for (Json.Obj application : CreditG.applications()) {
      Rating rating = Ratings.rate(model, application);
      csv.append(++row)
          .append(',')
          .append(rating.value())
          .append(rating.value().compareTo(THRESHOLD) >= 0 ? ",approve," : ",decline,")
          .append(rating.reasons().stream().map(Reason::code).collect(Collectors.joining(" ")))
          .append('\n');
    }
    assertThat(row).isEqualTo(1_000);
    return csv.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void the_first_application_carries_reasons_with_text_and_points() {
    Rating rating = Ratings.rate(CreditG.model(), CreditG.applications().getFirst());
    assertThat(rating.value()).isEqualTo(new Decimal(723, 0));
    assertThat(rating.item()).isNull();
    assertThat(rating.reasons())
        .containsExactly(
            new Reason("R01", "Status of checking account", new Decimal(114, 0)),
            new Reason("R06", "Purpose of the credit", new Decimal(33, 0)),
            new Reason("R08", "Instalments in proportion to income", new Decimal(31, 0)),
            new Reason("R12", "No guarantor or co-applicant", new Decimal(29, 0)));
  }

  @Test
  void absent_and_null_are_missing() {
    Rating absent = Ratings.rate(CreditG.model(), Ratings.object("{}"));
    Rating none = Ratings.rate(CreditG.model(), Ratings.object("{'housing':null,'age':null}"));
    assertThat(absent).isEqualTo(none);
    assertThat(absent.value()).isEqualTo(new Decimal(319, 0));
  }

  @Test
  void every_wrong_field_is_listed_with_what_is_allowed() {
    List<Violation> violations =
        Ratings.violations(
            CreditG.model(),
            Ratings.object("{'checking_status':'blue','duration':'long','housing':3}"));
    assertThat(violations)
        .containsExactly(
            new Violation(
                "/checking_status",
                "\"blue\" (expected: one of \"0<=X<200\", \"<0\", \">=200\", \"no checking\" or"
                    + " absent)"),
            new Violation("/duration", "\"long\" (expected: a number or absent)"),
            new Violation(
                "/housing",
                "3 (expected: a string, one of \"for free\", \"own\", \"rent\" or absent)"));
  }

  @Test
  void says_which_numbers_are_allowed() throws ModelException {
    ScorecardModel model =
        card(
            """
            {'when':{'gt':0,'lt':0.3},'points':1},
            {'when':{'gte':0.3,'lte':7},'points':2},
            {'when':{'gte':20},'points':3},
            {'when':{'in':[-1,true]},'points':4}
            """);
    assertThat(Ratings.violations(model, Ratings.object("{'f':0}")))
        .containsExactly(
            new Violation(
                "/f", "0 (expected: one of -1, true or a number > 0 and <= 7, or >= 20)"));
    assertThat(Ratings.violations(model, Ratings.object("{}")))
        .containsExactly(
            new Violation(
                "/f", "absent (expected: one of -1, true or a number > 0 and <= 7, or >= 20)"));
    assertThat(points(model, "{'f':7}")).isEqualTo("2");
    assertThat(points(model, "{'f':0.3}")).isEqualTo("2");
    assertThat(points(model, "{'f':0.29999999999999993}")).isEqualTo("1");
    assertThat(points(model, "{'f':true}")).isEqualTo("4");
  }

  @Test
  void all_conditions_of_a_when_must_hold() throws ModelException {
    ScorecardModel model =
        card(
            """
            {'when':{'in':[1,2,3,'4'],'gte':2,'lt':3,'lte':9},'points':1},
            {'when':{'eq':false},'points':2},
            {'when':{'otherwise':true},'points':3}
            """);
    assertThat(points(model, "{'f':2}")).isEqualTo("1");
    assertThat(points(model, "{'f':1}")).isEqualTo("3");
    assertThat(points(model, "{'f':3}")).isEqualTo("3");
    assertThat(points(model, "{'f':'4'}")).isEqualTo("3");
    assertThat(points(model, "{'f':false}")).isEqualTo("2");
    assertThat(points(model, "{'f':true}")).isEqualTo("3");
    assertThat(points(model, "{'f':[]}")).isEqualTo("3");
    assertThat(points(model, "{'f':null}")).isEqualTo("3");
    assertThat(points(model, "{}")).isEqualTo("3");
  }

  @Test
  void zero_has_no_sign() throws ModelException {
    ScorecardModel model =
        card(
            "{'when':{'lt':0},'points':1},{'when':{'eq':-0.0},'points':2},{'when':{'gt':-0.0},'points':3}");
    assertThat(points(model, "{'f':0}")).isEqualTo("2");
    assertThat(points(model, "{'f':-0.0}")).isEqualTo("2");
    assertThat(points(model, "{'f':-4.9e-324}")).isEqualTo("1");
    assertThat(points(model, "{'f':4.9e-324}")).isEqualTo("3");
  }

  @Test
  void decimal_points_add_up_exactly() throws ModelException {
    StringBuilder characteristics = new StringBuilder();
    for (int i = 0; i < 10; i++) {
      characteristics
          .append(i == 0 ? "" : ",")
          .append("{'name':'c")
          .append(i)
          .append("','field':'f','attributes':[{'when':{'otherwise':true},'points':0.1}]}");
    }
    ScorecardModel model =
        load(
            "{'kind':'scorecard','initialScore':0.000000001,'characteristics':["
                + characteristics
                + "]}");
    assertThat(points(model, "{'f':1}")).isEqualTo("1.000000001");
  }

  @Test
  void a_code_that_several_characteristics_share_is_named_once_at_its_highest_loss()
      throws ModelException {
    ScorecardModel model =
        load(
            """
            {'kind':'scorecard','initialScore':100,
             'reasonCodes':{'algorithm':'pointsBelow','limit':2,'texts':{'A':'a','B':'b','C':'c'}},
             'characteristics':[
              {'name':'1','field':'f','reasonCode':'A','baseline':5,'attributes':[{'when':{'otherwise':true},'points':1}]},
              {'name':'2','field':'f','reasonCode':'B','baseline':7.5,'attributes':[{'when':{'otherwise':true},'points':0}]},
              {'name':'3','field':'f','reasonCode':'C','baseline':6,'attributes':[{'when':{'otherwise':true},'points':0}]},
              {'name':'4','field':'f','reasonCode':'C','baseline':9,'attributes':[{'when':{'otherwise':true},'points':1.5,'reasonCode':'A'}]},
              {'name':'5','field':'f','reasonCode':'B','baseline':1,'attributes':[{'when':{'otherwise':true},'points':2}]}
             ]}
            """);
    assertThat(Ratings.rate(model, Ratings.object("{'f':1}")).reasons())
        .containsExactly(
            new Reason("B", "b", new Decimal(75, 1)), new Reason("A", "a", new Decimal(75, 1)));
  }

  @Test
  void points_above_the_baseline_are_lost_where_the_algorithm_says_so() throws ModelException {
    ScorecardModel model =
        load(
            """
            {'kind':'scorecard','initialScore':0,
             'reasonCodes':{'algorithm':'pointsAbove','limit':4,'texts':{'A':'a','B':'b'}},
             'characteristics':[
              {'name':'1','field':'f','reasonCode':'A','baseline':5,'attributes':[{'when':{'otherwise':true},'points':1}]},
              {'name':'2','field':'f','reasonCode':'B','baseline':5,'attributes':[{'when':{'otherwise':true},'points':8}]}
             ]}
            """);
    assertThat(Ratings.rate(model, Ratings.object("{'f':1}")).reasons())
        .containsExactly(new Reason("B", "b", new Decimal(3, 0)));
  }

  @Test
  void recognises_an_input_by_any_of_its_fields() {
    assertThat(CreditG.model().recognises(Ratings.object("{'housing':null}"))).isTrue();
    assertThat(CreditG.model().recognises(Ratings.object("{'item':'x','score':1}"))).isFalse();
  }

  @Test
  void the_largest_points_do_not_overflow() throws ModelException {
    List<String> characteristics = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      characteristics.add(
          "{'name':'c"
              + i
              + "','field':'f','attributes':[{'when':{'otherwise':true},'points':-999999999}]}");
    }
    ScorecardModel model =
        load(
            "{'kind':'scorecard','initialScore':0.0000001,'characteristics':["
                + String.join(",", characteristics)
                + "]}");
    assertThat(points(model, "{}")).isEqualTo("-99999999899.9999999");
  }

  private static String points(RatingModel model, String input) {
    return Ratings.rate(model, Ratings.object(input)).value().toString();
  }

  private static ScorecardModel card(String attributes) throws ModelException {
    return load(
        "{'kind':'scorecard','initialScore':0,'characteristics':[{'name':'c','field':'f','attributes':["
            + attributes
            + "]}]}");
  }

  private static ScorecardModel load(String json) throws ModelException {
    return ScorecardModel.load("m", "v1", Ratings.bytes(json));
  }
}
