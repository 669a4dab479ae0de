package io.openclaw.onnx;

import io.openclaw.domain.Json;
import io.openclaw.rating.InputFields;
import io.openclaw.rating.InputSchema;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelObject;
import io.openclaw.rating.Samples;
import io.openclaw.rating.ScoreScale;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a file's metadata says of how to rate with it: JSON under the key {@code openclaw}.
 *
 * @param schema what an input has
 * @param features the columns of the graph's one matrix; empty where its inputs are fields by name
 * @param rating the output that is the rating
 * @param outputs what else is answered, by name
 * @param reasonsMax reasons of one rating
 * @param factors what may have lost points
 * @param scale how the output becomes a rating
 * @param deadlineMillis how long a rating may take where it does not run on the event loop
 * @param batchMax how many ratings that wait are run as one; 1 for each by itself
 * @param samples inputs that it must rate
 */
public record OnnxSettings(
    InputSchema schema,
    List<Feature> features,
    Output rating,
    Map<String, Output> outputs,
    int reasonsMax,
    List<Factor> factors,
    ScoreScale scale,
    int deadlineMillis,
    int batchMax,
    List<Json.Obj> samples) {
  static final int FEATURES_MAX = 10_000;
  static final int FACTORS_MAX = 100;
  static final int OUTPUTS_MAX = 20;
  static final int DEADLINE_MILLIS_MAX = 10_000;
  static final int BATCH_MAX = 64;
  private static final int DEADLINE_MILLIS = 100;
  private static final int TEXT_LENGTH_MAX = 1_000;

  /**
   * One column of the matrix.
   *
   * @param field the field it is made of
   * @param equals the value where the column is 1, else 0; null for the field's number itself
   * @param missing the column where the field is absent; NaN where not said
   */
  record Feature(String field, @Nullable Json equals, double missing) {}

  /**
   * One number or text of an output of the graph.
   *
   * @param output its name
   * @param index which of a row's values
   * @param key which entry, where the output is a list of maps; null for the index
   */
  record Output(String output, int index, @Nullable String key) {}

  /**
   * What may have lost points.
   *
   * @param baseline what the input's fields would be if nothing were lost by them
   */
  record Factor(String code, String text, Map<String, Json> baseline) {}

  /**
   * Reads the settings.
   *
   * @throws ModelException naming the first place that is wrong, as a JSON Pointer into them
   */
  static OnnxSettings read(byte[] json) throws ModelException {
    ModelObject root = ModelObject.document(json, OnnxKind.NAME);
    root.allowOnly(
        List.of(
            "kind",
            "name",
            "description",
            "inputs",
            "features",
            "rating",
            "outputs",
            "reasons",
            "scale",
            "deadlineMillis",
            "batch",
            "samples"));
    for (String text : List.of("name", "description")) {
      if (root.has(text)) {
        root.text(text, TEXT_LENGTH_MAX);
      }
    }
    InputSchema schema = InputFields.read(root, "inputs");
    List<Factor> factors = new ArrayList<>();
    int reasonsMax = root.has("reasons") ? reasons(root.object("reasons"), schema, factors) : 0;
    return new OnnxSettings(
        schema,
        root.has("features") ? features(root, schema) : List.of(),
        output(root.object("rating")),
        root.has("outputs") ? outputs(root.object("outputs")) : Map.of(),
        reasonsMax,
        factors,
        root.has("scale") ? ScoreScale.read(root.object("scale")) : ScoreScale.PLAIN,
        root.has("deadlineMillis")
            ? root.integer("deadlineMillis", 1, DEADLINE_MILLIS_MAX)
            : DEADLINE_MILLIS,
        root.has("batch") ? batch(root.object("batch")) : 1,
        Samples.read(root));
  }

  private static int batch(ModelObject written) throws ModelException {
    written.allowOnly(List.of("max"));
    return written.integer("max", 2, BATCH_MAX);
  }

  private static List<Feature> features(ModelObject root, InputSchema schema)
      throws ModelException {
    List<Feature> features = new ArrayList<>();
    for (Json each : root.list("features", FEATURES_MAX)) {
      ModelObject written = ModelObject.of(each, root.at("features") + "/" + features.size());
      written.allowOnly(List.of("field", "equals", "missing"));
      String name = written.text("field", TEXT_LENGTH_MAX);
      InputSchema.Field field =
          schema.fields().stream()
              .filter(known -> known.name().equals(name))
              .findFirst()
              .orElseThrow(() -> written.wrong("field", "a field of /inputs"));
      Json equals = written.has("equals") ? written.required("equals") : null;
      boolean number =
          field.type() == InputSchema.Type.NUMBER
              || field.type() == InputSchema.Type.INTEGER
              || field.type() == InputSchema.Type.BOOLEAN;
      if (equals == null && !number) {
        throw written.wrong("equals", "a value, since the field is no number");
      }
      if (equals != null && !field.allowed().isEmpty() && !field.allowed().contains(equals)) {
        throw written.wrong("equals", "one of the field's values");
      }
      features.add(
          new Feature(
              name, equals, written.has("missing") ? written.number("missing") : Double.NaN));
    }
    return features;
  }

  private static Output output(ModelObject written) throws ModelException {
    written.allowOnly(List.of("output", "index", "key"));
    return new Output(
        written.text("output", OnnxFile.NAME_BYTES_MAX),
        written.has("index") ? written.integer("index", 0, 1_000_000) : 0,
        written.has("key") ? written.text("key", TEXT_LENGTH_MAX) : null);
  }

  private static Map<String, Output> outputs(ModelObject written) throws ModelException {
    Map<String, Output> outputs = new LinkedHashMap<>();
    for (String name : written.members().keySet()) {
      if (outputs.size() == OUTPUTS_MAX) {
        throw new ModelException(written.pointer(), "more outputs", "at most " + OUTPUTS_MAX);
      }
      outputs.put(name, output(written.object(name)));
    }
    return outputs;
  }

  private static int reasons(ModelObject written, InputSchema schema, List<Factor> factors)
      throws ModelException {
    written.allowOnly(List.of("limit", "factors"));
    for (Json each : written.list("factors", FACTORS_MAX)) {
      ModelObject factor = ModelObject.of(each, written.at("factors") + "/" + factors.size());
      factor.allowOnly(List.of("code", "text", "baseline"));
      ModelObject baseline = factor.object("baseline");
      Map<String, Json> whole = new LinkedHashMap<>(schema.example().members());
      for (String name : baseline.members().keySet()) {
        if (!whole.containsKey(name)) {
          throw new ModelException(baseline.at(name), "no field", "a field of /inputs");
        }
      }
      whole.putAll(baseline.members());
      if (baseline.members().isEmpty() || !schema.violations(new Json.Obj(whole)).isEmpty()) {
        throw factor.wrong("baseline", "fields with values that /inputs takes");
      }
      factors.add(
          new Factor(
              factor.text("code", 100), factor.text("text", TEXT_LENGTH_MAX), baseline.members()));
    }
    return written.has("limit") ? written.integer("limit", 1, FACTORS_MAX) : 4;
  }

  /**
   * The file with these settings, and without those it had.
   *
   * @throws ModelException where either of them does not load
   */
  public static byte[] embed(byte[] model, byte[] json) throws ModelException {
    byte[] bare = without(model);
    OnnxFile file = OnnxFile.read(bare);
    OnnxSettings settings = read(json);
    Columns.of(file, settings);
    byte[] key = OnnxFile.SETTINGS_KEY.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream entry = new ByteArrayOutputStream();
    entry.write(1 << 3 | ProtoReader.BYTES);
    writeLength(entry, key.length);
    entry.writeBytes(key);
    entry.write(2 << 3 | ProtoReader.BYTES);
    writeLength(entry, json.length);
    entry.writeBytes(json);
    ByteArrayOutputStream whole = new ByteArrayOutputStream(bare.length + json.length + 32);
    whole.writeBytes(bare);
    whole.write(14 << 3 | ProtoReader.BYTES);
    writeLength(whole, entry.size());
    whole.writeBytes(entry.toByteArray());
    return whole.toByteArray();
  }

  /** The file's fields without its settings. */
  private static byte[] without(byte[] model) throws ModelException {
    ByteArrayOutputStream rest = new ByteArrayOutputStream(model.length);
    ProtoReader reader = new ProtoReader(model);
    while (reader.next()) {
      boolean ours = reader.field() == 14 && isSettings(reader.copy().message());
      reader.skip();
      if (!ours) {
        rest.write(model, reader.start(), reader.position() - reader.start());
      }
    }
    return rest.toByteArray();
  }

  private static boolean isSettings(ProtoReader entry) throws ModelException {
    while (entry.next()) {
      if (entry.field() == 1
          && entry.copy().text(OnnxFile.NAME_BYTES_MAX).equals(OnnxFile.SETTINGS_KEY)) {
        return true;
      }
      entry.skip();
    }
    return false;
  }

  private static void writeLength(ByteArrayOutputStream out, int length) {
    int rest = length;
    while (rest >= 0x80) {
      out.write(rest & 0x7F | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
  }
}
