package io.openclaw.wasm;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.Violation;
import io.openclaw.rating.InputFields;
import io.openclaw.rating.InputSchema;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelObject;
import io.openclaw.rating.Samples;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a module says of itself, in its custom section {@value #SECTION}: a JSON object, all of
 * whose members may be left out, as may the section.
 *
 * @param schema {@code inputs}: what it takes, as {@link InputFields} reads it; any object where
 *     absent. Only these members of an input are handed to the module
 * @param samples {@code samples}: inputs that it must be able to rate before it may serve
 * @param deterministic {@code deterministic}: whether the same input always has the same rating;
 *     true where absent, and then checked with the samples
 * @param deadlineMillis {@code deadlineMillis}: how long one rating may take, and may wait before
 * @param memoryPages {@code memoryPages}: the most memory, in pages of 64 KiB
 * @param fuel {@code fuel}: how many instructions one rating may take, as {@link FuelMeter} counts
 *     them; 0 where absent, for as many as it likes within its time
 * @param reasonsMax {@code reasons.limit}: how many reasons an answer carries, the most important
 * @param resetEvery {@code resetEvery}: after how many ratings its memory is as it was at the start
 */
public record WasmSettings(
    InputSchema schema,
    List<Json.Obj> samples,
    boolean deterministic,
    int deadlineMillis,
    int memoryPages,
    long fuel,
    int reasonsMax,
    int resetEvery) {
  /** The name of the custom section. */
  public static final String SECTION = "openclaw";

  /** Bytes of the section. */
  public static final int SECTION_BYTES_MAX = 1_048_576;

  /** The longest time one rating may take. */
  public static final int DEADLINE_MILLIS_MAX = 1_000;

  /** The most memory of one instance: 16 MiB. */
  public static final int MEMORY_PAGES_MAX = 256;

  /** The most fuel of one rating. */
  public static final int FUEL_MAX = 1_000_000_000;

  private static final int REASONS_MAX = 100;
  private static final int RESET_EVERY_MAX = 1_000_000;

  /** What holds for a module without the section. */
  public static final WasmSettings DEFAULT =
      new WasmSettings(InputSchema.ANY, List.of(), true, 50, 32, 0, 10, 1_000);

  private static final List<String> MEMBERS =
      List.of(
          "kind",
          "inputs",
          Samples.MEMBER,
          "deterministic",
          "deadlineMillis",
          "memoryPages",
          "fuel",
          "reasons",
          "resetEvery");

  /**
   * Reads a module's settings.
   *
   * @throws ModelException where the bytes are no module, or the section is not as it should be
   */
  public static WasmSettings read(byte[] module) throws ModelException {
    List<Sections.Section> found = Sections.of(module).named(SECTION);
    if (found.isEmpty()) {
      return DEFAULT;
    }
    if (found.size() > 1) {
      throw Cursor.wrong(found.get(1).start(), "a second section " + SECTION, "one");
    }
    Sections.Section section = found.getFirst();
    return parse(Arrays.copyOfRange(module, section.body(), section.end()));
  }

  /**
   * The module with these settings, instead of those it has.
   *
   * @param json the settings, checked as they would be at load
   * @throws ModelException where either is not as it should be
   */
  public static byte[] embed(byte[] module, byte[] json) throws ModelException {
    var _ = parse(json);
    return Sections.of(module).withCustom(SECTION, json);
  }

  private static WasmSettings parse(byte[] json) throws ModelException {
    if (json.length > SECTION_BYTES_MAX) {
      throw new ModelException(
          "section " + SECTION, json.length + " bytes", "at most " + SECTION_BYTES_MAX);
    }
    Json document;
    try {
      document = JsonReader.read(json);
    } catch (JsonSyntaxException e) {
      throw new ModelException(
          "section " + SECTION,
          "line " + e.line() + ", column " + e.column() + ": " + e.detail(),
          "a JSON object");
    }
    ModelObject root = ModelObject.of(document, "");
    root.allowOnly(MEMBERS);
    if (root.has("kind") && !root.text("kind", 20).equals(WasmKind.NAME)) {
      throw root.wrong("kind", "\"" + WasmKind.NAME + "\"");
    }
    return new WasmSettings(
        root.has("inputs") ? InputFields.read(root, "inputs") : DEFAULT.schema,
        Samples.read(root),
        isTrue(root, "deterministic", DEFAULT.deterministic),
        integer(root, "deadlineMillis", DEADLINE_MILLIS_MAX, DEFAULT.deadlineMillis),
        integer(root, "memoryPages", MEMORY_PAGES_MAX, DEFAULT.memoryPages),
        integer(root, "fuel", FUEL_MAX, 0),
        reasons(root),
        integer(root, "resetEvery", RESET_EVERY_MAX, DEFAULT.resetEvery));
  }

  private static int reasons(ModelObject root) throws ModelException {
    if (!root.has("reasons")) {
      return DEFAULT.reasonsMax;
    }
    ModelObject reasons = root.object("reasons");
    reasons.allowOnly(List.of("limit"));
    return integer(reasons, "limit", REASONS_MAX, DEFAULT.reasonsMax);
  }

  private static int integer(ModelObject owner, String name, int max, int absent)
      throws ModelException {
    return owner.has(name) ? owner.integer(name, 1, max) : absent;
  }

  private static boolean isTrue(ModelObject owner, String name, boolean absent)
      throws ModelException {
    if (!owner.has(name)) {
      return absent;
    }
    if (owner.required(name) instanceof Json.Bool bool) {
      return bool == Json.Bool.TRUE;
    }
    throw new ModelException(
        owner.at(name), Violation.shown(owner.required(name)), "true or false");
  }

  /** {@link #deadlineMillis} in nanoseconds. */
  long deadlineNanos() {
    return TimeUnit.MILLISECONDS.toNanos(deadlineMillis);
  }
}
