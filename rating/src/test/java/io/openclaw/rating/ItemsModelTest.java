package io.openclaw.rating;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Violation;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ItemsModelTest {
  private final FakeLog log = FakeLog.fast();
  private final ItemStore store = new ItemStore("a", log);

  @Test
  void answers_the_running_aggregate_with_this_score_in_it() throws ModelException {
    ItemsModel model = load("{'kind':'items'}");
    Rating first = rate(model, "{'item':'product-123','score':5}");
    assertThat(first.value()).isEqualTo(new Decimal(5, 0));
    assertThat(json(first))
        .isEqualTo(
            "{'item':'product-123','count':1,'mean':5,'bayesianMean':3.333333,"
                + "'histogram':{'1':0,'2':0,'3':0,'4':0,'5':1}}");
    rate(model, "{'item':'product-123','score':4}");
    Rating third = rate(model, "{'item':'product-123','score':4}");
    assertThat(third.value()).isEqualTo(new Decimal(4_333_333, 6));
    assertThat(third.reasons()).isEmpty();
    assertThat(json(third))
        .isEqualTo(
            "{'item':'product-123','count':3,'mean':4.333333,'bayesianMean':3.5,"
                + "'histogram':{'1':0,'2':0,'3':0,'4':2,'5':1}}");
    assertThat(json(rate(model, "{'item':'other','score':1}"))).contains("'count':1,'mean':1,");
  }

  @Test
  void a_scale_of_its_own_has_its_own_steps_and_prior() throws ModelException {
    ItemsModel model =
        load(
            "{'kind':'items','scale':{'min':0.1,'max':0.4,'step':0.1},'prior':{'mean':0.2,'weight':0.5}}");
    assertThat(json(rate(model, "{'item':'x','score':0.3}")))
        .isEqualTo(
            "{'item':'x','count':1,'mean':0.3,'bayesianMean':0.266667,"
                + "'histogram':{'0.1':0,'0.2':0,'0.3':1,'0.4':0}}");
    assertThat(Ratings.violations(model, Ratings.object("{'item':'x','score':0.35}")))
        .containsExactly(new Violation("/score", "0.35 (expected: one of 0.1, 0.2, 0.3, 0.4)"));
    ItemsModel percent = load("{'kind':'items','scale':{'min':-50,'max':50}}");
    assertThat(Ratings.violations(percent, Ratings.object("{'item':'x','score':51}")))
        .containsExactly(
            new Violation("/score", "51 (expected: a number from -50 to 50 in steps of 1)"));
    assertThat(json(rate(percent, "{'item':'x','score':-0.0}")))
        .contains("'mean':0,'bayesianMean':0,");
  }

  @Test
  void everything_wrong_is_listed() throws ModelException {
    assertThat(
            Ratings.violations(
                load("{'kind':'items'}"), Ratings.object("{'item':7,'scor/e':5,'x':null}")))
        .containsExactly(
            new Violation("/item", "7 (expected: a string of 1 to 256 characters)"),
            new Violation("/score", "absent (expected: one of 1, 2, 3, 4, 5)"),
            new Violation("/scor~1e", "5 (expected: no members but item and score)"),
            new Violation("/x", "null (expected: no members but item and score)"));
    assertThat(
            Ratings.violations(
                load("{'kind':'items'}"),
                Ratings.object("{'item':'" + "x".repeat(257) + "','score':5}")))
        .containsExactly(
            new Violation("/item", "257 characters (expected: a string of 1 to 256 characters)"));
  }

  @Test
  void a_flood_of_unknown_members_does_not_flood_the_answer() throws ModelException {
    StringBuilder input = new StringBuilder("{'item':'x','score':5");
    for (int i = 0; i < 10_000; i++) {
      input.append(",'m").append(i).append("':1");
    }
    assertThat(
            Ratings.violations(
                load("{'kind':'items'}"), Ratings.object(input.append('}').toString())))
        .hasSize(ItemsModel.VIOLATIONS_MAX);
  }

  @Test
  void tenants_models_and_scales_count_apart() throws ModelException {
    byte[] plain = Ratings.bytes("{'kind':'items'}");
    byte[] halves = Ratings.bytes("{'kind':'items','scale':{'step':0.5}}");
    for (ItemsModel model :
        new ItemsModel[] {
          ItemsModel.load("m", "v1", plain, store, "t1/m"),
          ItemsModel.load("m", "v1", plain, store, "t2/m"),
          ItemsModel.load("m", "v2", halves, store, "t2/m")
        }) {
      assertThat(json(rate(model, "{'item':'x','score':5}"))).contains("'count':1,");
    }
    assertThat(store.size()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'kind':'item'} | /kind: \"item\" (expected: \"items\")",
        "{'kind':'items','store':1} | /store: an unknown member (expected: one of kind, scale, prior, samples)",
        "{'kind':'items','scale':5} | /scale: 5 (expected: an object)",
        "{'kind':'items','scale':{'stp':1}} | /scale/stp: an unknown member",
        "{'kind':'items','scale':{'min':'1'}} | /scale/min: \"1\" (expected: a number)",
        "{'kind':'items','scale':{'step':0}} | /scale/step: 0 (expected: > 0)",
        "{'kind':'items','scale':{'step':-1}} | /scale/step: -1 (expected: > 0)",
        "{'kind':'items','scale':{'step':3}} | /scale/step: 3 (expected: a number of which max - min is a multiple)",
        "{'kind':'items','scale':{'max':1}} | /scale/max: 1 (expected: > min, which is 1)",
        "{'kind':'items','scale':{'max':102}} | /scale: 102 values (expected: 2 to 101)",
        "{'kind':'items','scale':{'max':1e12}} | /scale/max: 1000000000000 (expected: -999999999 to 999999999)",
        "{'kind':'items','prior':{'mean':6}} | /prior/mean: 6 (expected: a number on the scale 1:5:1)",
        "{'kind':'items','prior':{'weight':-1}} | /prior/weight: -1 (expected: >= 0)",
        "{'kind':'items','prior':{'weigth':1}} | /prior/weigth: an unknown member (expected: one of mean, weight)",
      })
  void a_broken_model_is_refused(String json, String message) {
    assertThatThrownBy(() -> load(json))
        .isInstanceOf(ModelException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void the_largest_scale_fits() throws ModelException {
    ItemsModel model = load("{'kind':'items','scale':{'min':0,'max':1,'step':0.01}}");
    for (int i = 0; i <= 100; i++) {
      rate(model, "{'item':'x','score':" + i / 100.0 + "}");
    }
    assertThat(json(rate(model, "{'item':'x','score':0.5}"))).contains("'count':102,'mean':0.5,");
  }

  private ItemsModel load(String json) throws ModelException {
    return ItemsModel.load("m", "v1", Ratings.bytes(json), store, "t/m");
  }

  private static Rating rate(ItemsModel model, String input) {
    return Ratings.rate(model, Ratings.object(input));
  }

  private static String json(Rating rating) {
    Json.Obj item = Objects.requireNonNull(rating.item());
    return new String(JsonWriter.write(item), StandardCharsets.UTF_8).replace('"', '\'');
  }
}
