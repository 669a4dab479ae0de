package io.openclaw.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.ModelBusyException;
import io.openclaw.rating.ModelDeadlineException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WorkersTest {
  private static final OnnxKind NATIVE =
      new OnnxKind(
          new Staging(List.of("/bin/sh", "-c", "cat >/dev/null; echo staged"), 30_000), false);

  /** A graph that counts to its input in a Loop, 1 ms for some thousands. */
  private static byte[] loop(int deadlineMillis) {
    Graph body =
        new Graph()
            .node("Identity", List.of("go"), List.of("on"))
            .node("Add", List.of("sum", "one"), List.of("more"))
            .weights("one", new long[] {1, 1}, 1)
            .input("i", OnnxFile.INT64)
            .input("go", OnnxFile.BOOL)
            .input("sum", OnnxFile.FLOAT, 1, 1)
            .output("on", OnnxFile.BOOL)
            .output("more", OnnxFile.FLOAT, 1, 1);
    body.message().text(2, "body");
    byte[] graph =
        new Graph()
            .node("Cast", "", List.of("n"), List.of("count"), Map.of("to", 7L))
            .node("Reshape", List.of("count", "none"), List.of("times"))
            .node(
                "Loop",
                "",
                List.of("times", "", "zero"),
                List.of("y"),
                Map.of("body", body.message()))
            .weights("zero", new long[] {1, 1}, 0)
            .integers("none", new long[] {1}, 1)
            .input("n", OnnxFile.DOUBLE, 1, 1)
            .output("y", OnnxFile.FLOAT, 1, 1)
            .file();
    return Models.with(
        graph,
        "{'kind':'onnx','inputs':{'n':{'type':'number','min':1,'max':1e12}},"
            + "'rating':{'output':'y'},'deadlineMillis':"
            + deadlineMillis
            + "}");
  }

  private static CompletableFuture<Rating> rate(OnnxModel model, double n) {
    Checked.Ready ready = (Checked.Ready) model.check(new Json.Obj(Map.of("n", new Json.Num(n))));
    return ready.rate(Attempt.ONCE).toCompletableFuture();
  }

  @Test
  void a_graph_that_loops_is_stopped_at_its_deadline_and_rates_again() throws Exception {
    OnnxModel model = Models.load(NATIVE, loop(200));
    assertThat(model.isInline()).isFalse();
    assertThat(rate(model, 3).get(10, TimeUnit.SECONDS).value()).isEqualTo(Decimal.of("3"));
    for (int i = 0; i < 2 * OnnxSession.SLOTS; i++) { // every slot is given back
      assertThat(rate(model, 1e11))
          .failsWithin(20, TimeUnit.SECONDS)
          .withThrowableOfType(ExecutionException.class)
          .withCauseInstanceOf(ModelDeadlineException.class)
          .withMessageContaining("no rating within 200 ms");
    }
    assertThat(eventually(model).value()).isEqualTo(Decimal.of("5"));
  }

  /** The last run that was stopped may need a moment to end. */
  private static Rating eventually(OnnxModel model) throws Exception {
    for (int i = 0; ; i++) {
      try {
        return rate(model, 5).get(10, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        if (i == 100) {
          throw e;
        }
        Thread.sleep(50);
      }
    }
  }

  @Test
  void a_model_without_a_free_slot_says_so_at_once() throws Exception {
    OnnxModel model = Models.load(NATIVE, loop(2_000));
    List<CompletableFuture<Rating>> runs = new ArrayList<>();
    for (int i = 0; i < OnnxSession.SLOTS; i++) {
      runs.add(rate(model, 1e11));
    }
    assertThat(rate(model, 1))
        .failsWithin(1, TimeUnit.SECONDS)
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(ModelBusyException.class)
        .withMessageContaining("8 ratings under way");
    for (CompletableFuture<Rating> run : runs) {
      assertThat(run).failsWithin(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void a_run_whose_deadline_passed_while_it_waited_is_not_begun() throws Exception {
    AtomicInteger begun = new AtomicInteger();
    AtomicInteger closed = new AtomicInteger();
    CountDownLatch hold = new CountDownLatch(1);
    List<CompletionStage<Rating>> stages = new ArrayList<>();
    Workers.Work slow =
        () -> {
          begun.incrementAndGet();
          awaitLatch(hold);
          return new Rating(Decimal.ZERO, List.of(), null);
        };
    Lane lane = new Lane();
    for (int i = 0; i < 20; i++) {
      stages.add(Workers.run(lane, run(closed), slow, 100));
    }
    for (CompletionStage<Rating> stage : stages) {
      assertThat(stage.toCompletableFuture()).failsWithin(10, TimeUnit.SECONDS);
    }
    hold.countDown();
    for (int i = 0; closed.get() < 20 && i < 200; i++) {
      Thread.sleep(50);
    }
    assertThat(closed.get()).isEqualTo(20);
    assertThat(begun.get()).isBetween(1, 4);
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      var _ = latch.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Evaluator.Run run(AtomicInteger closed) {
    return new Evaluator.Run() {
      @Override
      public Evaluator.Answer compute(Columns.Row[] rows) {
        throw new IllegalStateException("not asked for");
      }

      @Override
      public void stop() {}

      @Override
      public void close() {
        closed.incrementAndGet();
      }
    };
  }

  @Test
  void a_model_that_nobody_refers_to_is_let_go() throws Exception {
    int before = OnnxSession.openSessions();
    WeakReference<OnnxModel> model = new WeakReference<>(Models.load(NATIVE, loop(100)));
    for (int i = 0; model.get() != null && i < 100; i++) {
      System.gc();
      Thread.sleep(20);
    }
    assertThat(model.get()).isNull();
    for (int i = 0; OnnxSession.openSessions() > before && i < 100; i++) {
      System.gc(); // sessions of other tests may be let go, too
      Thread.sleep(20);
    }
    assertThat(OnnxSession.openSessions()).isLessThanOrEqualTo(before);
  }
}
