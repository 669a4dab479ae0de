package io.openclaw.onnx;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.ModelBusyException;
import io.openclaw.rating.ModelDeadlineException;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelTrapException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BatchesTest {
  private static final OnnxKind NATIVE =
      new OnnxKind(
          new Staging(List.of("/bin/sh", "-c", "cat >/dev/null; echo staged"), 30_000), false);

  private static byte[] network(String more) {
    return Models.with(
        Models.network(new Random(7), 2, 512, 512, 1),
        "{'kind':'onnx','inputs':{'x':{'type':'number'},'y':{'type':'number'}},"
            + "'features':[{'field':'x'},{'field':'y'}],'rating':{'output':'a3'},"
            + "'outputs':{'p':{'output':'a3'}},'scale':{'factor':1000,'digits':2},"
            + "'reasons':{'factors':[{'code':'X','text':'x','baseline':{'x':0}},"
            + "{'code':'Y','text':'y','baseline':{'y':0}}]}"
            + more
            + "}");
  }

  /** A graph that looks its input up in a table of ten, and fails for any other. */
  private static byte[] table(String more) {
    return Models.with(
        new Graph()
            .node("Gather", List.of("t", "i"), List.of("v"))
            .weights("t", new long[] {10}, 0, 10, 20, 30, 40, 50, 60, 70, 80, 90)
            .input("i", OnnxFile.INT64, -1, 1)
            .output("v", OnnxFile.FLOAT, -1, 1)
            .file(),
        "{'kind':'onnx','inputs':{'i':{'type':'integer','min':0}},'rating':{'output':'v'}"
            + more
            + "}");
  }

  private static CompletableFuture<Rating> rate(OnnxModel model, Map<String, Json> input) {
    Checked.Ready ready = (Checked.Ready) model.check(new Json.Obj(input));
    return ready.rate(Attempt.ONCE).toCompletableFuture();
  }

  private static Map<String, Json> point(int i) {
    return Map.of("x", new Json.Num(i % 17 / 8.0 - 1), "y", new Json.Num(i % 23 / 11.0 - 1));
  }

  @Test
  void ratings_that_wait_are_run_as_one_and_are_what_each_is_by_itself() throws Exception {
    OnnxModel one = Models.load(NATIVE, network(",'deadlineMillis':10000"));
    OnnxModel many = Models.load(NATIVE, network(",'deadlineMillis':10000,'batch':{'max':10}"));
    assertThat(many.isInline()).isFalse();
    CountDownLatch held = new CountDownLatch(1);
    for (int i = 0; i < Workers.THREADS; i++) {
      new Lane().execute(() -> await(held));
    }
    List<CompletableFuture<Rating>> asked = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      asked.add(rate(many, point(i)));
    }
    held.countDown();
    for (int i = 0; i < 40; i++) {
      assertThat(asked.get(i).get(10, TimeUnit.SECONDS))
          .as("input %s", i)
          .isEqualTo(rate(one, point(i)).get(10, TimeUnit.SECONDS));
    }
    assertThat(Objects.requireNonNull(many.batches()).runs()).isEqualTo(4);
    assertThat(one.batches()).isNull();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A graph that counts to its greatest input in a Loop. */
  private static byte[] loop(int deadlineMillis) {
    Graph body =
        new Graph()
            .node("Identity", List.of("go"), List.of("on"))
            .node("Add", List.of("sum", "one"), List.of("more"))
            .weights("one", new long[] {1, 1}, 1)
            .input("i", OnnxFile.INT64)
            .input("go", OnnxFile.BOOL)
            .input("sum", OnnxFile.FLOAT, -1, 1)
            .output("on", OnnxFile.BOOL)
            .output("more", OnnxFile.FLOAT, -1, 1);
    body.message().text(2, "body");
    return Models.with(
        new Graph()
            .node("ReduceMax", "", List.of("n"), List.of("most"), Map.of("keepdims", 0L))
            .node("Cast", "", List.of("most"), List.of("times"), Map.of("to", 7L))
            .node("Sub", List.of("n", "n"), List.of("zero"))
            .node(
                "Loop",
                "",
                List.of("times", "", "zero"),
                List.of("y"),
                Map.of("body", body.message()))
            .input("n", OnnxFile.FLOAT, -1, 1)
            .output("y", OnnxFile.FLOAT, -1, 1)
            .file(),
        "{'kind':'onnx','inputs':{'n':{'type':'number','min':1,'max':1e12}},"
            + "'rating':{'output':'y'},'batch':{'max':4},'deadlineMillis':"
            + deadlineMillis
            + "}");
  }

  /** They used to be run again one by one, with nobody waiting and no deadline. */
  @Test
  void a_run_that_is_stopped_since_nobody_waits_is_not_run_again() throws Exception {
    OnnxModel model = Models.load(NATIVE, loop(1_000));
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch all = new CountDownLatch(Workers.THREADS);
    for (int i = 0; i < Workers.THREADS; i++) {
      new Lane()
          .execute(
              () -> {
                all.countDown();
                await(held);
              });
    }
    assertThat(all.await(10, TimeUnit.SECONDS)).isTrue();
    List<CompletableFuture<Rating>> asked = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      asked.add(rate(model, Map.of("n", new Json.Num(1e12))));
    }
    held.countDown();
    for (CompletableFuture<Rating> each : asked) {
      assertThat(each)
          .failsWithin(10, TimeUnit.SECONDS)
          .withThrowableThat()
          .withCauseInstanceOf(ModelDeadlineException.class);
    }
    assertEveryThreadIsFree();
  }

  private static void assertEveryThreadIsFree() throws InterruptedException {
    CountDownLatch all = new CountDownLatch(Workers.THREADS);
    for (int i = 0; i < Workers.THREADS; i++) {
      new Lane()
          .execute(
              () -> {
                all.countDown();
                await(all);
              });
    }
    assertThat(all.await(20, TimeUnit.SECONDS)).as("every thread is free").isTrue();
  }

  @Test
  void a_deadline_that_passes_before_the_run_is_known_stops_it() throws Exception {
    OnnxModel model = Models.load(NATIVE, loop(100));
    Columns.Row[] endless = {new Columns.Row(new double[] {1e12}, new String[] {""})};
    Batches.Asked asked =
        new Batches.Asked(
            () -> endless,
            answer -> {
              throw new AssertionError("rated");
            });
    asked.done.completeExceptionally(new ModelDeadlineException("planted"));
    asked.late();
    CompletableFuture<String> run =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                Objects.requireNonNull(model.batches()).together(List.of(asked));
                return "done";
              } catch (ModelTrapException | ModelBusyException e) {
                return String.valueOf(e.getMessage());
              }
            });
    assertThat(run.get(20, TimeUnit.SECONDS)).isEqualTo("onnx: stopped before it began");
  }

  @Test
  void an_input_that_fails_fails_alone() throws Exception {
    OnnxModel model = Models.load(NATIVE, table(",'deadlineMillis':10000,'batch':{'max':16}"));
    List<CompletableFuture<Rating>> asked = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      asked.add(rate(model, Map.of("i", new Json.Num(i % 11))));
    }
    for (int i = 0; i < 50; i++) {
      if (i % 11 == 10) {
        assertThat(asked.get(i))
            .failsWithin(10, TimeUnit.SECONDS)
            .withThrowableThat()
            .withCauseInstanceOf(ModelTrapException.class);
      } else {
        assertThat(asked.get(i).get(10, TimeUnit.SECONDS).value().unscaled())
            .isEqualTo(10L * (i % 11));
      }
    }
  }

  @Test
  void what_cannot_be_run_within_its_deadline_fails_and_what_comes_next_is_rated()
      throws Exception {
    OnnxModel model = Models.load(NATIVE, network(",'deadlineMillis':1,'batch':{'max':2}"));
    List<CompletableFuture<Rating>> asked = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      asked.add(rate(model, point(i)));
    }
    int busy = 0;
    for (CompletableFuture<Rating> each : asked) {
      Throwable failure =
          each.handle((rating, thrown) -> thrown == null ? new Throwable() : thrown)
              .get(10, TimeUnit.SECONDS);
      assertThat(failure)
          .isInstanceOfAny(Throwable.class, ModelBusyException.class, ModelDeadlineException.class);
      busy += failure instanceof ModelBusyException ? 1 : 0;
    }
    assertThat(busy).isPositive();
    assertThat(afterwards(model)).isNotNull();
  }

  private static Rating afterwards(OnnxModel model) throws Exception {
    for (int i = 0; ; i++) {
      CompletableFuture<Rating> asked = rate(model, point(i));
      Rating rating = asked.exceptionally(failed -> null).get(10, TimeUnit.SECONDS);
      if (rating != null || i == 1_000) {
        return rating;
      }
    }
  }

  @Test
  void settings_that_could_do_nothing_are_refused() {
    assertSettingsRefused("{'max':1}", "/batch/max");
    assertSettingsRefused("{'max':65}", "/batch/max");
    assertSettingsRefused("{'max':8,'wait':1}", "/batch/wait");
    byte[] fixed =
        Models.with(
            new Graph()
                .node("Neg", List.of("x"), List.of("y"))
                .input("x", OnnxFile.FLOAT, 1, 1)
                .output("y", OnnxFile.FLOAT, 1, 1)
                .file(),
            "{'kind':'onnx','inputs':{'x':{'type':'number'}},'rating':{'output':'y'},"
                + "'batch':{'max':8}}");
    assertThatThrownBy(() -> Models.load(NATIVE, fixed))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("a graph with a fixed number of rows");
  }

  private static void assertSettingsRefused(String batch, String why) {
    String settings =
        "{'kind':'onnx','inputs':{'x':{'type':'number'}},'rating':{'output':'y'},'batch':"
            + batch
            + "}";
    assertThatThrownBy(() -> OnnxSettings.read(settings.replace('\'', '"').getBytes(UTF_8)))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(why);
  }
}
