package io.openclaw.rating;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ChainModelTest {
  /** Runs timers when it is told to. */
  private static final class FakeTimer implements Deadlines {
    private final List<Runnable> waiting = new ArrayList<>();

    @Override
    public Runnable after(long millis, Runnable task) {
      waiting.add(task);
      return () -> waiting.remove(task);
    }

    void runOut() {
      List.copyOf(waiting).forEach(Runnable::run);
    }
  }

  /** A model that takes a number {@code x} and rates when the test says. */
  private static final class Slow extends DocumentModel {
    private final List<CompletableFuture<Rating>> asked = new ArrayList<>();

    Slow(ModelSource source) {
      super(
          source,
          "slow",
          new InputSchema(List.of(new InputSchema.Field("x", InputSchema.Type.NUMBER, true))));
    }

    @Override
    protected Checked ready(Json.Obj input) {
      return new Checked.Ready() {
        @Override
        public CompletionStage<Rating> rate(Attempt attempt) {
          CompletableFuture<Rating> rating = new CompletableFuture<>();
          asked.add(rating);
          return rating;
        }
      };
    }

    @Override
    public boolean isDeterministic() {
      return false;
    }
  }

  private final FakeTimer timer = new FakeTimer();
  private final List<Slow> slow = new ArrayList<>();

  private final ModelKind slowKind =
      new ModelKind() {
        @Override
        public String name() {
          return "slow";
        }

        @Override
        public RatingModel load(ModelSource source) {
          slow.add(new Slow(source));
          return slow.getLast();
        }

        @Override
        public List<Json.Obj> samples(byte[] bytes) {
          return List.of();
        }
      };

  private RatingModel load(String json) throws ModelException {
    Map<String, ModelKind> kinds = new HashMap<>(JsonKinds.all());
    kinds.put("slow", slowKind);
    return new ChainKind(kinds::get, timer).load(new ModelSource("m", "v", Ratings.bytes(json)));
  }

  private static @Nullable String outcome(CompletableFuture<Rating> rating) {
    if (!rating.isDone()) {
      return null;
    }
    return rating.isCompletedExceptionally()
        ? String.valueOf(rating.exceptionNow().getMessage())
        : rating.resultNow().value() + " by " + stage(rating.resultNow());
  }

  private static String stage(Rating rating) {
    Json.Obj outputs = java.util.Objects.requireNonNull(rating.outputs());
    return ((Json.Str) java.util.Objects.requireNonNull(outputs.get("stage"))).value();
  }

  private static String rated(String input) {
    Rating rating = Ratings.rate(FlatModels.load(FlatModels.CHAIN), Ratings.object(input));
    return rating.value() + " by " + stage(rating);
  }

  private static CompletableFuture<Rating> rate(RatingModel model, String input) {
    return ((Checked.Ready) model.check(Ratings.object(input)))
        .rate(Attempt.ONCE)
        .toCompletableFuture();
  }

  @Test
  void a_stage_answers_within_its_range_and_else_passes_its_rating_on() {
    assertThat(rated("{'x':99}")).isEqualTo("100 by policy");
    assertThat(rated("{'x':198.5}")).isEqualTo("199.5 by policy");
    assertThat(rated("{'x':199}")).isEqualTo("199200 by second");
    assertThat(rated("{'x':98}")).isEqualTo("98099 by second");
    // what a stage passes cannot be brought along
    assertThat(rated("{'x':98,'prior':5000}")).isEqualTo("98099 by second");
  }

  @Test
  void all_stages_say_at_once_what_is_wrong_with_an_input() {
    RatingModel chain =
        FlatModels.load(
            FlatModels.CHAIN
                .replace("'x':{'type':'number'}}", "'x':{'type':'number'},'y':{'type':'number'}}")
                .replace(
                    "{'field':'x','coefficient':1000}",
                    "{'field':'x','coefficient':1000},{'field':'y','coefficient':1}"));
    assertThat(chain.schema().fields())
        .extracting(InputSchema.Field::name)
        .containsExactly("x", "y");
    assertThat(Ratings.violations(chain, Ratings.object("{'x':2000,'y':'a'}")))
        .extracting(v -> v.pointer() + " " + v.detail())
        .containsExactly("/x 2000 (expected: a number <= 1000)", "/y \"a\" (expected: a number)");
  }

  @Test
  void a_stage_that_is_late_or_fails_makes_way_for_the_next_or_the_fallback() throws Exception {
    String json =
        "{'kind':'chain','stages':["
            + "{'name':'a','model':{'kind':'slow'},'deadlineMillis':5,'onFailure':'next','answerIf':{'gte':0}},"
            + "{'name':'b','model':{'kind':'slow'},'deadlineMillis':5,'onFailure':'next'}],"
            + "'fallback':{'rating':7}}";
    RatingModel model = load(json);
    assertThat(model.isDeterministic()).isFalse();
    Slow a = slow.get(0);
    Slow b = slow.get(1);

    CompletableFuture<Rating> rating = rate(model, "{'x':1}");
    assertThat(outcome(rating)).isNull();
    a.asked.getLast().complete(new Rating(Decimal.of("3"), List.of(), null));
    assertThat(outcome(rating)).isEqualTo("3 by a");
    assertThat(timer.waiting).isEmpty();

    rating = rate(model, "{'x':1}");
    timer.runOut();
    b.asked.getLast().complete(new Rating(Decimal.of("4"), List.of(), null));
    a.asked.getLast().complete(new Rating(Decimal.of("3"), List.of(), null)); // too late
    assertThat(outcome(rating)).isEqualTo("4 by b");

    rating = rate(model, "{'x':1}");
    a.asked.getLast().completeExceptionally(new ModelTrapException("planted"));
    timer.runOut();
    assertThat(outcome(rating)).isEqualTo("7 by fallback");
  }

  @Test
  void a_rating_reached_past_a_failed_stage_is_provisional() throws Exception {
    String inner =
        "{'kind':'chain','stages':[{'name':'a','model':{'kind':'slow'},'onFailure':'next',"
            + "'answerIf':{'gte':0}}],'fallback':{'rating':-1}}";
    RatingModel model =
        load(
            "{'kind':'chain','stages':[{'name':'i','model':"
                + inner
                + ",'answerIf':{'gte':0}},{'name':'b','model':{'kind':'slow'}}]}");
    Rating negative = new Rating(Decimal.of("-3"), List.of(), null);
    Rating positive = new Rating(Decimal.of("3"), List.of(), null);
    Slow a = slow.get(0);
    Slow b = slow.get(1);

    CompletableFuture<Rating> rating = rate(model, "{'x':1}");
    a.asked.getLast().complete(positive);
    assertThat(rating.join().provisional()).isFalse();

    rating = rate(model, "{'x':1}"); // the inner fallback and its range: no failure
    a.asked.getLast().complete(negative);
    b.asked.getLast().complete(positive);
    assertThat(outcome(rating)).isEqualTo("3 by b");
    assertThat(rating.join().provisional()).isFalse();

    rating = rate(model, "{'x':1}");
    a.asked.getLast().completeExceptionally(new ModelBusyException("planted"));
    b.asked.getLast().complete(positive);
    assertThat(outcome(rating)).isEqualTo("3 by b");
    assertThat(rating.join().provisional()).isTrue();
  }

  @Test
  void a_stage_that_may_not_fail_fails_the_chain_as_it_failed() throws Exception {
    RatingModel model =
        load(
            "{'kind':'chain','stages':["
                + "{'name':'a','model':{'kind':'slow'},'deadlineMillis':5,'answerIf':{'gte':0}},"
                + "{'name':'b','model':{'kind':'slow'}}]}");
    CompletableFuture<Rating> rating = rate(model, "{'x':1}");
    slow.get(0).asked.getLast().completeExceptionally(new ModelBusyException("no place"));
    assertThat(outcome(rating)).isEqualTo("no place");
    assertThat(rating.exceptionNow()).isInstanceOf(ModelBusyException.class);
    rating = rate(model, "{'x':1}");
    timer.runOut();
    assertThat(outcome(rating)).isEqualTo("stage a was not done in 5 ms");
    assertThat(rating.exceptionNow()).isInstanceOf(ModelDeadlineException.class);
    // below the range the last stage answers, whatever it says
    rating = rate(model, "{'x':1}");
    slow.get(0).asked.getLast().complete(new Rating(Decimal.of("-1"), List.of(), null));
    slow.get(1).asked.getLast().complete(new Rating(Decimal.of("-2"), List.of(), null));
    assertThat(outcome(rating)).isEqualTo("-2 by b");
  }

  @Test
  void a_later_stage_that_needs_what_a_failed_one_would_have_passed_fails_too() throws Exception {
    String needs =
        "{'kind':'regression','inputs':{'prior':{'type':'number','max':10}},'intercept':0,"
            + "'terms':[{'field':'prior','coefficient':2}]}";
    RatingModel model =
        load(
            "{'kind':'chain','stages':["
                + "{'name':'a','model':{'kind':'slow'},'pass':{'score':'prior'},'onFailure':'next'},"
                + "{'name':'b','model':"
                + needs
                + ",'onFailure':'next'}],'fallback':{'rating':7}}");
    CompletableFuture<Rating> rating = rate(model, "{'x':1}");
    slow.getFirst().asked.getLast().complete(new Rating(Decimal.of("4.5"), List.of(), null));
    assertThat(outcome(rating)).isEqualTo("9 by b");
    rating = rate(model, "{'x':1}");
    slow.getFirst().asked.getLast().completeExceptionally(new ModelTrapException("planted"));
    assertThat(outcome(rating)).isEqualTo("7 by fallback");
    rating = rate(model, "{'x':1}");
    slow.getFirst().asked.getLast().complete(new Rating(Decimal.of("11"), List.of(), null));
    assertThat(outcome(rating)).isEqualTo("7 by fallback");
  }

  @Test
  void chains_stand_in_chains_three_deep_and_no_deeper() throws Exception {
    String leaf = "{'kind':'slow'}";
    String three = leaf;
    for (int i = 0; i < ChainKind.DEPTH_MAX; i++) {
      three = "{'kind':'chain','stages':[{'name':'s','model':" + three + "}]}";
    }
    assertThat(load(three).isDeterministic()).isFalse();
    String four = "{'kind':'chain','stages':[{'name':'s','model':" + three + "}]}";
    assertThatThrownBy(() -> load(four))
        .hasMessageContaining(
            "/stages/0/model/stages/0/model/stages/0/model/kind: \"chain\" (expected: at most 3 chains");
  }

  @Test
  void a_model_that_is_not_json_stands_in_base64() throws Exception {
    RatingModel model =
        load("{'kind':'chain','stages':[{'name':'s','model':{'kind':'slow','base64':'AAEC'}}]}");
    assertThat(model.kind()).isEqualTo("chain");
    assertThat(slow.getLast().digest()).isEqualTo(Digests.sha256(new byte[] {0, 1, 2}));
    assertThatThrownBy(
            () ->
                load(
                    "{'kind':'chain','stages':[{'name':'s','model':{'kind':'slow','base64':'*'}}]}"))
        .hasMessageContaining("/stages/0/model/base64: ");
  }

  @Test
  void a_field_of_two_stages_is_as_narrow_as_both_have_it() throws Exception {
    String first =
        "{'kind':'regression','inputs':{'f':{'type':'number','min':0,'max':9}},'intercept':0,'terms':[{'field':'f','coefficient':1}]}";
    String second = first.replace("'number','min':0,'max':9", "'integer','min':2");
    String chain =
        "{'kind':'chain','stages':[{'name':'a','model':%s,'answerIf':{'lt':0}},{'name':'b','model':%s}]}";
    RatingModel model = load(chain.formatted(first, second));
    assertThat(Ratings.violations(model, Ratings.object("{'f':1.5}")).getFirst().detail())
        .isEqualTo("1.5 (expected: a whole number >= 2 and <= 9)");
    assertThatThrownBy(
            () -> load(chain.formatted(first, first.replace("'min':0,'max':9", "'min':10"))))
        .hasMessageContaining(
            "/stages/1/model: the field f as a number >= 10 (expected: as earlier");
  }
}
