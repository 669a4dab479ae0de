package io.openclaw.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Reason;
import io.openclaw.rating.Ratings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The modules of the examples, as they are committed: {@code examples/wasm/build} makes them. */
class WasmExamplesTest {
  private final WasmHost host = new WasmHost();

  @AfterEach
  void close() {
    host.close();
  }

  @Test
  void credit_in_c_says_what_the_native_program_says() {
    WasmModel model = Wasm.load(host, Wasm.example("credit-c/model.wasm"));
    assertThat(model.settings().samples()).hasSize(10);
    Rating rating = Wasm.rate(model, model.settings().samples().getFirst());
    assertThat(rating.value()).hasToString("668.6");
    assertThat(rating.reasons().stream().map(Reason::code))
        .containsExactly("C01", "N03", "N06", "C06");
    assertThat(rating.reasons().getFirst().text()).isEqualTo("Status of checking account");
    assertThat(rating.outputs()).isEqualTo(Ratings.object("{'pd':0.051054}"));
    assertThat(Ratings.violations(model, Ratings.object("{'age':'old'}"))).hasSize(16);
  }

  @Test
  void hello_in_text_format_takes_any_object() {
    WasmModel model = Wasm.load(host, Wasm.example("hello-wat/model.wasm"));
    for (int i = 0; i < 20; i++) {
      Json.Obj input = Ratings.object("{'n':" + i + "}");
      assertThat(Wasm.rate(model, input).value()).hasToString(Integer.toString(i % 10 * 10));
    }
  }

  @Test
  void score_in_assemblyscript_frees_what_it_uses() {
    WasmModel model = Wasm.load(host, Wasm.example("score-as/model.wasm"));
    for (int i = 0; i < 5_000; i++) {
      Rating rating = Wasm.rate(model, Ratings.object("{'age':25,'income':1500}"));
      assertThat(rating.value()).hasToString("425");
      assertThat(rating.reasons().stream().map(Reason::code)).containsExactly("A02", "A01");
    }
    assertThat(Wasm.rate(model, Ratings.object("{'age':40,'income':3000}")).reasons()).isEmpty();
  }
}
