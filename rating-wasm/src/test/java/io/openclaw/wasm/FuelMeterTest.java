package io.openclaw.wasm;

import static io.openclaw.wasm.ModuleWriter.constant32;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.rating.ModelDeadlineException;
import io.openclaw.rating.ModelTrapException;
import io.openclaw.rating.Ratings;
import org.junit.jupiter.api.Test;

class FuelMeterTest {
  private static final String SETTINGS =
      "{'inputs':{'do':{'type':'string'}},'deadlineMillis':1000,'memoryPages':8,'fuel':%d}";

  @Test
  void a_loop_ends_when_its_fuel_does_and_the_next_rating_has_all_again() {
    try (WasmHost host = new WasmHost()) {
      WasmModel model = Wasm.load(host, Wasm.traps(SETTINGS.formatted(100_000)));
      for (String letter : new String[] {"b", "c", "d", "e", "x"}) {
        assertThat(Wasm.failure(model, Wasm.input(letter)))
            .isInstanceOf(ModelTrapException.class)
            .hasMessage("the module used up its fuel of 100000");
        assertThat(Ratings.rate(model, Wasm.input("a")).value()).hasToString("1");
      }
      assertThat(Ratings.rate(model, Wasm.input("j")).value()).hasToString("2");
    }
  }

  @Test
  void without_fuel_the_deadline_has_to_do_it() {
    String settings = SETTINGS.replace(",'fuel':%d", "").replace("1000", "200");
    try (WasmHost host = new WasmHost()) {
      WasmModel model = Wasm.load(host, Wasm.traps(settings));
      assertThat(Wasm.failure(model, Wasm.input("b"))).isInstanceOf(ModelDeadlineException.class);
    }
  }

  /** Ten turns of five instructions each, counted by hand: see the code. */
  private static ModuleWriter tenTurns(int fuel) {
    return new ModuleWriter()
        .locals(1, 1, 0x7f)
        .other(
            // entry: loop, end = 2; each turn: local.get, const, add, local.tee, const, lt, br_if,
            // end = 8
            0x03, 0x40, 0x20, 0, 0x41, 1, 0x6a, 0x22, 0, 0x41, 10, 0x48, 0x0d, 0, 0x0b)
        .rate(0x10, 2, ModuleWriter.constant64((16L << 32) | 12)) // call, const, end = 3
        .alloc(constant32(1_024)) // const, end = 2
        .settings("{'samples':[{}],'fuel':" + fuel + "}");
  }

  @Test
  void the_cost_is_that_of_counting_by_hand() {
    int cost = 2 + 3 + 2 + 10 * 8;
    try (WasmHost host = new WasmHost()) {
      var _ = Wasm.load(host, tenTurns(cost).bytes());
    }
    assertThat(Wasm.refusal(tenTurns(cost - 1).bytes()))
        .isEqualTo(
            "/samples/0: the module used up its fuel of %d (expected: a rating)"
                .formatted(cost - 1));
  }

  @Test
  void a_module_cannot_give_itself_fuel() {
    // global.set of the number that the meter's global will have: not valid before it is there
    assertThat(
            Wasm.refusal(
                new ModuleWriter()
                    .other(ModuleWriter.constant64(1_000_000), 0x24, 0)
                    .settings("{'fuel':10}")
                    .bytes()))
        .contains("(expected: a valid module whose functions all compile)");
  }
}
