package io.openclaw.wasm;

import static io.openclaw.wasm.ModuleWriter.constant32;
import static io.openclaw.wasm.ModuleWriter.constant64;
import static io.openclaw.wasm.ModuleWriter.repeated;
import static io.openclaw.wasm.ModuleWriter.unsigned;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.rating.ModelException;
import io.openclaw.rating.Ratings;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is refused when it is loaded, and in what words. */
class WasmRefusalTest {
  private static ModuleWriter module() {
    return new ModuleWriter();
  }

  @Test
  void a_small_right_module_loads_and_rates() {
    try (WasmHost host = new WasmHost()) {
      WasmModel model = Wasm.load(host, module().bytes());
      assertThat(Wasm.rate(model, Ratings.object("{}")).value()).hasToString("1");
      assertThat(model.settings()).isEqualTo(WasmSettings.DEFAULT);
    }
  }

  @Test
  void everything_that_the_interface_misses_is_listed() {
    byte[] wrong =
        module()
            .noExports()
            .export("memory", 0, 1)
            .export("rate", 0, 0)
            .importFunction("wasi_snapshot_preview1", "fd_write", 2)
            .importFunction("env", "log", 2)
            .bytes();
    assertThat(Wasm.refusal(wrong))
        .isEqualTo(
            "export memory: no memory (expected: a memory); export alloc: absent (expected:"
                + " i32->i32); import \"wasi_snapshot_preview1.fd_write\": (i32,i32)->i64"
                + " (expected: no import but env.log, (i32,i32)->()); import \"env.log\":"
                + " (i32,i32)->i64 (expected: no import but env.log, (i32,i32)->())");
  }

  @Test
  void a_memory_of_somebody_else_is_refused() {
    assertThat(Wasm.refusal(module().importMemory("env", "memory").bytes()))
        .contains("import \"env.memory\": no function (expected: no import but env.log");
  }

  @Test
  void a_huge_table_is_refused() {
    assertThat(Wasm.refusal(module().table(1, 0x70, 0, unsigned(1_000_000_000)).bytes()))
        .contains("a table of 1000000000 entries (expected: at most 10000)");
  }

  @Test
  void a_huge_memory_is_refused() {
    assertThat(Wasm.refusal(module().memory(1, 0, unsigned(33)).bytes()))
        .contains("a memory of 33 pages (expected: at most 32, the setting memoryPages");
    assertThat(Wasm.refusal(module().memory(1, 3, 1, 2).bytes()))
        .contains("limits with flags 3 (shared, 64 bits) (expected: flags 0 or 1)");
  }

  @Test
  void a_function_that_would_never_be_compiled_is_refused_by_its_number() {
    byte[] large = repeated(ModuleWriter.code(constant32(1 << 30), 0x1a), 4_000);
    assertThat(Wasm.refusal(module().other(large).bytes()))
        .startsWith("function 2: ")
        .contains("bytes as a Java method (expected: at most 8000");
    assertThat(Wasm.refusal(module().other(repeated(new byte[] {1}, 32_768)).bytes()))
        .contains("32770 (expected: at most 32768)");
  }

  @Test
  void a_start_function_that_never_ends_is_stopped() {
    long start = System.nanoTime();
    assertThat(Wasm.refusal(module().start().other(0x03, 0x40, 0x0c, 0, 0x0b).bytes()))
        .isEqualTo(
            "the model: the model m did not end within 50 ms (expected: a module that starts)");
    assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);
    assertThat(Wasm.refusal(module().start().other(0).bytes()))
        .contains("the module did not start: Trapped on unreachable instruction");
  }

  @ParameterizedTest
  @CsvSource({
    "0xfd, SIMD",
    "0xfe, threads",
    "0x06, exceptions",
    "0x12, tail calls",
    "0x26, access to a table",
    "0xd2, references",
    "0xfb, references"
  })
  void an_instruction_that_no_model_needs_is_refused(String opcode, String named) {
    assertThat(Wasm.refusal(module().other(Integer.decode(opcode), 0, 0).bytes()))
        .contains("instruction " + opcode + " (" + named);
  }

  @Test
  void depth_locals_and_labels_are_bounded() {
    byte[] deep = repeated(new byte[] {0x02, 0x40}, 201);
    assertThat(Wasm.refusal(module().other(deep, repeated(new byte[] {0x0b}, 201)).bytes()))
        .contains("blocks 201 deep (expected: at most 200)");
    assertThat(Wasm.refusal(module().locals(1, unsigned(1_000_000_000), 0x7e).bytes()))
        .contains("1000000000 locals (expected: at most 1000)");
    assertThat(Wasm.refusal(module().other(0x41, 0, 0x0e, unsigned(1_000_000), 0).bytes()))
        .contains("1000000 (expected: at most 1024)");
  }

  @Test
  void what_is_no_module_is_refused() {
    assertThat(Wasm.refusal(new byte[0])).contains("byte 0: no WebAssembly module");
    assertThat(Wasm.refusal("{\"kind\":\"wasm\"}".getBytes(StandardCharsets.UTF_8)))
        .contains("no WebAssembly module (expected: \\0asm and version 1)");
    assertThat(Wasm.refusal(new byte[ModuleShape.MODULE_BYTES_MAX + 1])).contains("byte 1");
    byte[] cut = java.util.Arrays.copyOf(module().bytes(), 60);
    assertThat(Wasm.refusal(cut)).contains("the end (expected: ");
    assertThat(Wasm.refusal(module().other(0x1a).bytes()))
        .contains("(expected: a valid module whose functions all compile)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'deadlineMillis':0} | /deadlineMillis: 0 (expected: a whole number from 1 to 1000)",
        "{'memoryPages':257} | /memoryPages: 257 (expected: a whole number from 1 to 256)",
        "{'deterministic':1} | /deterministic: 1 (expected: true or false)",
        "{'deadline':5} | /deadline: an unknown member (expected: one of kind, inputs,",
        "{'reasons':{'max':5}} | /reasons/max: an unknown member (expected: one of limit)",
        "{'kind':'pmml'} | /kind: \"pmml\" (expected: \"wasm\")",
        "{'inputs':{'age':{'type':'int'}}} | /inputs/age/type: \"int\" (expected: number,",
        "{'samples':[{'age':'x'}],'inputs':{'age':{'type':'integer'}}} | /samples/0/age: \"x\"",
        "[] | the model: an array (expected: an object)",
        "{ | section openclaw: line 1, column 2: the document ends too early"
      })
  void settings_are_read_strictly(String settings, String message) {
    assertThat(Wasm.refusal(module().settings(settings).bytes())).startsWith(message);
  }

  @Test
  void settings_are_put_in_once_and_replaced() throws ModelException {
    byte[] once = WasmSettings.embed(module().bytes(), Ratings.bytes("{'deadlineMillis':7}"));
    byte[] twice = WasmSettings.embed(once, Ratings.bytes("{'deadlineMillis':8,'fuel':5000}"));
    assertThat(WasmSettings.read(once).deadlineMillis()).isEqualTo(7);
    assertThat(WasmSettings.read(twice).deadlineMillis()).isEqualTo(8);
    assertThat(WasmSettings.read(twice).fuel()).isEqualTo(5_000);
    assertThat(Sections.of(twice).named(WasmSettings.SECTION)).hasSize(1);
    assertThat(WasmSettings.embed(twice, Ratings.bytes("{'deadlineMillis':7}"))).isEqualTo(once);
  }

  @Test
  void a_sample_that_traps_is_refused_and_a_late_one_too() {
    assertThat(Wasm.refusal(Wasm.traps("{'samples':[{'do':'a'},{'do':'g'}]}")))
        .startsWith("/samples/1: the module trapped: ");
    assertThat(Wasm.refusal(Wasm.traps("{'samples':[{'do':'b'}],'deadlineMillis':5}")))
        .isEqualTo("/samples/0: the model m did not end within 5 ms (expected: a rating)");
  }

  @Test
  void a_module_that_remembers_must_say_so() {
    assertThat(Wasm.refusal(Wasm.traps("{'samples':[{'do':'s'}]}")))
        .startsWith("/samples/0: another rating the second time");
    try (WasmHost host = new WasmHost()) {
      WasmModel model =
          Wasm.load(host, Wasm.traps("{'samples':[{'do':'s'}],'deterministic':false}"));
      assertThat(model.isDeterministic()).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | /rating is wrong (expected: this member)",
        "{'rating':'1'} | /rating is wrong (expected: a number)",
        "{'rating':1e13} | /rating is wrong (expected: a number from -1e12 to 1e12)",
        "{'rating':1,'pd':2} | the whole is wrong (expected: only rating, reasons, outputs)",
        "{'rating':1,'outputs':[]} | /outputs is wrong (expected: an object)",
        "{'rating':1,'reasons':[{'code':'A','text':'a','points':0}]} | /reasons/0/points",
        "{'rating':1,'reasons':[{'code':'A','text':'a','points':1e-9}]} | /reasons/0/points",
        "{'rating':1,'reasons':[{'code':'A','points':1}]} | /reasons/0/text is wrong",
        "{'rating':1}x | line 1, column 13: there is text after the JSON value"
      })
  void an_answer_that_is_not_as_documented_is_a_trap(String answer, String message) {
    String json = answer.replace('\'', '"');
    assertThat(
            Wasm.refusal(
                module().answer(json).settings("{'samples':[{}],'deterministic':false}").bytes()))
        .startsWith("/samples/0: the answer: " + message);
  }

  @Test
  void reasons_are_sorted_distinct_and_cut() {
    String reasons =
        "{\"rating\":12.34567891,\"reasons\":[{\"code\":\"A\",\"text\":\"a\",\"points\":1},"
            + "{\"code\":\"B\",\"text\":\"b\",\"points\":3.5},{\"code\":\"C\",\"text\":\"c\",\"points\":2}],"
            + "\"outputs\":{\"pd\":0.25}}";
    try (WasmHost host = new WasmHost()) {
      WasmModel model =
          Wasm.load(host, module().answer(reasons).settings("{'reasons':{'limit':2}}").bytes());
      var rating = Wasm.rate(model, Ratings.object("{}"));
      assertThat(rating.value()).hasToString("12.345679");
      assertThat(rating.reasons().stream().map(r -> r.code()).toList())
          .isEqualTo(List.of("B", "C"));
      assertThat(rating.outputs()).isEqualTo(Ratings.object("{'pd':0.25}"));
    }
    assertThat(
            Wasm.refusal(
                module()
                    .answer(reasons.replace("\"B\"", "\"A\""))
                    .settings("{'samples':[{}]}")
                    .bytes()))
        .contains("/reasons/1/code is wrong (expected: each once)");
  }

  @Test
  void alloc_must_give_a_place_of_the_module_s_own() {
    for (int place : List.of(0, -5, 131_072, Integer.MAX_VALUE)) {
      assertThat(
              Wasm.refusal(module().alloc(constant32(place)).settings("{'samples':[{}]}").bytes()))
          .contains("alloc's place for 2 bytes at " + Integer.toUnsignedLong(place));
    }
    assertThat(Wasm.refusal(module().rate(constant64(-1)).settings("{'samples':[{}]}").bytes()))
        .contains("an answer of -1 bytes");
  }
}
