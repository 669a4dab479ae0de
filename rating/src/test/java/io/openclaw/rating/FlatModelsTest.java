package io.openclaw.rating;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the flat kinds make of small models whose ratings a person can work out. */
class FlatModelsTest {
  private static Rating rate(String model, String input) {
    return Ratings.rate(FlatModels.load(model), Ratings.object(input));
  }

  private static Decimal number(String text) {
    return Decimal.of(text);
  }

  @Test
  void a_regression_adds_powers_values_and_products_along_its_scale() {
    // -1 + 0.5 × 20² + 0.25 × 4 + 1 + 2 × 20 × 1 = 241; × 10 + 100, but log-odds end at 27.6
    String wide =
        FlatModels.REGRESSION.replace("'logit'", "'identity'").replace("log-odds", "value");
    assertThat(rate(wide, "{'age':20,'income':4,'purpose':'car','owner':true}").value())
        .isEqualTo(number("2510"));
    assertThat(
            rate(FlatModels.REGRESSION, "{'age':20,'income':4,'purpose':'car','owner':true}")
                .value())
        .isEqualTo(number("376.3"));
    // absent: income 8, purpose -1
    assertThat(rate(wide, "{'age':20,'owner':false}").value()).isEqualTo(number("2100"));
    assertThat(rate(wide, "{'age':20,'purpose':'other','income':0,'owner':false}").value())
        .isEqualTo(number("2095"));
  }

  @Test
  void reasons_of_a_regression_are_points_below_the_baseline_by_field_most_first() {
    assertThat(
            rate(FlatModels.REGRESSION, "{'age':18,'income':4,'purpose':'tv','owner':false}")
                .reasons())
        .containsExactly(
            new Reason("age", "Age", number("380")),
            new Reason("purpose", "purpose", number("30")));
    assertThat(
            rate(FlatModels.REGRESSION, "{'age':20,'income':8,'purpose':'car','owner':false}")
                .reasons())
        .isEmpty();
    // where less is better, the same terms lower the rating the other way
    assertThat(
            rate(
                    FlatModels.REGRESSION.replace("'factor':10", "'factor':-10"),
                    "{'age':18,'income':9,'purpose':'tv','owner':false}")
                .reasons())
        .containsExactly(new Reason("income", "income", number("2.5")));
  }

  @Test
  void a_reason_on_a_curve_is_what_the_rating_would_gain_there() {
    String curve =
        "{'kind':'regression','inputs':{'x':{'type':'number'}},'link':'logit','intercept':0,"
            + "'terms':[{'field':'x','coefficient':1,'baseline':1}],"
            + "'scale':{'factor':100,'digits':3},'reasons':{'limit':1}}";
    double gain = 100 * (1 / (1 + Math.exp(-1)) - 1 / (1 + Math.exp(2)));
    assertThat(rate(curve, "{'x':-2}").reasons())
        .containsExactly(new Reason("x", "x", number("%.3f".formatted(gain))));
  }

  @Test
  void the_baseline_of_a_product_is_the_products_own_value() {
    String product =
        "{'kind':'regression','inputs':{'x':{'type':'number'},'y':{'type':'number'}},'intercept':0,"
            + "'terms':[{'fields':['x','y'],'coefficient':2,'baseline':3}],'reasons':{'limit':1}}";
    assertThat(rate(product, "{'x':0.5,'y':2}").reasons())
        .containsExactly(new Reason("x", "x", number("4")));
    assertThat(rate(product, "{'x':1.5,'y':2}").reasons()).isEmpty();
  }

  @Test
  void trees_are_summed_or_averaged_and_missing_values_go_where_they_are_told() {
    assertThat(rate(FlatModels.TREES, "{'age':29.9,'owner':true}").value())
        .isEqualTo(number("13.25"));
    assertThat(rate(FlatModels.TREES, "{'age':30,'purpose':'tv','owner':false}").value())
        .isEqualTo(number("13.25"));
    assertThat(rate(FlatModels.TREES, "{'age':30,'owner':false}").value())
        .isEqualTo(number("17.25"));
    assertThat(
            rate(FlatModels.TREES.replace("'sum'", "'average'"), "{'age':30,'owner':false}")
                .value())
        .isEqualTo(number("12.42"));
    assertThat(
            rate(
                    FlatModels.TREES
                        .replace("'base':10", "'base':0.1,'float':true")
                        .replace("'digits':2", "'digits':6"),
                    "{'age':30,'owner':false}")
                .value())
        .isEqualTo(Decimal.rounded((0.1f + 9f) + -2f + 0.25f));
  }

  @Test
  void reasons_of_trees_are_the_steps_to_lower_means() {
    // first tree: means 1 (weight 3), 7 (2), so 3.4 at the root; second: said to be 0.5
    Rating rating = rate(FlatModels.TREES, "{'age':30,'purpose':'car','owner':false}");
    assertThat(rating.reasons())
        .containsExactly(
            new Reason("owner", "owner", number("2.5")),
            new Reason("purpose", "purpose", number("2")));
    assertThat(rate(FlatModels.TREES, "{'age':1,'owner':true}").reasons())
        .containsExactly(new Reason("age", "age", number("2.4")));
  }

  @Test
  void a_text_is_rated_by_each_word_once() {
    double good = 100 / (1 + Math.exp(-(0.5 + 4)));
    assertThat(rate(FlatModels.CONTENT, "{'content':'Good'}").value())
        .isEqualTo(number("%.1f".formatted(good)));
    Rating empty = rate(FlatModels.CONTENT, "{'content':''}");
    assertThat(empty.value()).isEqualTo(number("62.2"));
    assertThat(empty.reasons()).isEmpty();
    Rating bad = rate(FlatModels.CONTENT, "{'content':'bad, BAD; bad'}");
    double sum = 0.5 - 6 / Math.sqrt(2); // "bad" and "bad bad"
    assertThat(bad.value()).isEqualTo(number("%.1f".formatted(100 / (1 + Math.exp(-sum)))));
    assertThat(bad.reasons().stream().map(Reason::code)).containsExactly("bad");
    // a word that the model does not list is never named
    assertThat(rate(FlatModels.CONTENT.replace("'bad',", ""), "{'content':'bad'}").reasons())
        .isEmpty();
  }

  @Test
  void words_are_letters_digits_and_marks() {
    Words words = Words.of("Don’t pay £1,234.50 NOW!! Ünïcode–élan 𝒳 \uD83D\uDE00");
    List<String> found =
        java.util.stream.IntStream.range(0, words.size()).mapToObj(words::word).toList();
    assertThat(found)
        .containsExactly(
            "dont", "pay", "£", "0", "0", "0", "now", "!", "!", "ünïcode", "élan", "𝒳");
    assertThat(words.isOfLetters(0)).isTrue();
    assertThat(words.isOfLetters(2)).isFalse();
    assertThat(words.isOfLetters(3)).isFalse();
    assertThat(words.isOfLetters(10)).isTrue();
    // FNV-1a of "a" is E40C292C (Fowler, Noll, Vo); folded onto 16 bits
    assertThat(Words.of("a").bucket(0, 16)).isEqualTo(0xE40C ^ 0x292C);
    assertThat(Words.of("a b").pairBucket(0, 20)).isBetween(0, (1 << 20) - 1);
  }
}
