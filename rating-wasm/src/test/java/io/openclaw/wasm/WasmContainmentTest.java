package io.openclaw.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Rating;
import io.openclaw.rating.ModelDeadlineException;
import io.openclaw.rating.ModelTrapException;
import io.openclaw.rating.Ratings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a module does costs only its own request: the same model then rates on. */
class WasmContainmentTest {
  private static final String SETTINGS =
      "{'inputs':{'do':{'type':'string'}},'deadlineMillis':200,'memoryPages':8}";

  /** Patient with loops: each test makes some, one after the other. */
  private final WasmHost host = new WasmHost(new WasmLimits(2, 64, 1_024, 1, 60_000, 1, 60_000, 1));

  private final WasmModel model = Wasm.load(host, Wasm.traps(SETTINGS));

  @AfterEach
  void close() {
    host.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"b", "c", "d", "e", "x"})
  void a_module_that_never_ends_is_stopped(String letter) {
    for (int i = 0; i < 3; i++) {
      long start = System.nanoTime();
      assertThat(Wasm.failure(model, Wasm.input(letter)))
          .isInstanceOf(ModelDeadlineException.class)
          .hasMessage("the model m did not end within 200 ms");
      assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);
      requireWell();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "f | the module trapped: call stack exhausted",
        "g | the module trapped: Trapped on unreachable instruction",
        "h | the module trapped: out of bounds memory access",
        "i | the module trapped: integer divide by zero",
        "k | the module trapped: out of bounds memory access",
        "l | the answer of 1000 bytes at 131000 (expected: within 1 to 131072, the module's memory)",
        "m | an answer of -1 bytes (expected: 0 to 65536)",
        "o | the answer: line 1, column 1: this is not valid JSON (expected: a JSON object)",
        "q | the answer of 0 bytes at 0 (expected: within 1 to 131072, the module's memory)",
        "r | the module trapped: ",
        "t | the module trapped: Trapped on unreachable instruction",
        "v | the module trapped: out of bounds memory access",
        "w | the module trapped: invalid conversion to integer"
      })
  void a_trap_costs_only_its_own_request(String letter, String message) {
    for (int i = 0; i < 3; i++) {
      assertThat(Wasm.failure(model, Wasm.input(letter)))
          .isInstanceOf(ModelTrapException.class)
          .hasMessageStartingWith(message);
      requireWell();
    }
  }

  @Test
  void a_memory_bomb_gets_as_much_as_the_settings_say_and_no_more() {
    assertThat(rate("j")).isEqualTo("2");
    requireWell();
    assertThat(model.instances()).isEqualTo(1);
  }

  @Test
  void an_answer_may_stand_where_the_input_stood() {
    assertThat(rate("n")).isEqualTo("3");
    requireWell();
  }

  @Test
  void a_log_flood_is_cut_off() throws Exception {
    try (DirectRater rater = model.direct()) {
      assertThat(rater.rate(Wasm.input("p")).value()).isEqualTo(new Decimal(1, 0));
    }
    Guest guest = model.interpreted();
    assertThat(guest.rate(Ratings.bytes("{'do':'p'}"))).isNotEmpty();
    assertThat(guest.messages()).isEqualTo(GuestLog.MESSAGES_MAX);
    requireWell();
  }

  @Test
  void what_a_trap_left_behind_is_gone() {
    assertThat(Wasm.failure(model, Wasm.input("t"))).isInstanceOf(ModelTrapException.class);
    assertThat(rate("u")).isEqualTo("0");
  }

  @Test
  void without_a_reset_it_would_be_found() throws Exception {
    Guest planted = model.interpreted();
    try {
      var _ = planted.rate(Ratings.bytes("{'do':'t'}"));
    } catch (ModelTrapException e) {
      assertThat(WasmOutput.read(planted.rate(Ratings.bytes("{'do':'u'}")), 1).value())
          .isEqualTo(new Decimal(8, 0));
      assertThat(planted.reset()).isTrue();
      assertThat(WasmOutput.read(planted.rate(Ratings.bytes("{'do':'u'}")), 1).value())
          .isEqualTo(Decimal.ZERO);
      return;
    }
    throw new AssertionError("no trap");
  }

  @Test
  void memory_is_reset_every_n_ratings() {
    WasmModel forgetful =
        Wasm.load(host, Wasm.traps("{'inputs':{'do':{'type':'string'}},'resetEvery':3}"));
    StringBuilder answers = new StringBuilder();
    for (int i = 0; i < 7; i++) {
      answers.append(Wasm.rate(forgetful, Wasm.input("s")).value());
    }
    assertThat(answers).hasToString("1231231");
  }

  @Test
  void a_thread_that_was_interrupted_does_not_pass_it_on() {
    for (int i = 0; i < 5; i++) {
      var _ = Wasm.failure(model, Wasm.input("b"));
      var flag = new java.util.concurrent.CompletableFuture<Boolean>();
      var _ =
          Wasm.begin(model, Wasm.input("a"))
              .thenRun(() -> flag.complete(Thread.currentThread().isInterrupted()));
      assertThat(flag.join()).isFalse();
    }
  }

  private void requireWell() {
    assertThat(rate("a")).isEqualTo("1");
  }

  private String rate(String letter) {
    Rating rating = Wasm.rate(model, Wasm.input(letter));
    assertThat(rating.reasons()).isEmpty();
    return rating.value().toString();
  }
}
