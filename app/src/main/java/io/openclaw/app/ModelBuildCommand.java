package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.JsonWriter;
import io.openclaw.onnx.OnnxSettings;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.RatingModel;
import io.openclaw.wasm.WasmSettings;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code openclaw model build}: makes the one file of a model from its parts. */
@Command(
    name = "build",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    description = {
      "Makes the one file of a model that is released, and validates it.",
      "Of a module (.wasm) or network (.onnx): puts --settings, a JSON file, into it.",
      "Of a chain (.json): puts the files into it that its stages name, {\"file\": \"net.onnx\"}."
    },
    footer = {"", "docs/models-wasm.md and docs/models-onnx.md say what settings there are."})
final class ModelBuildCommand implements Callable<Integer> {
  private static final int SETTINGS_BYTES_MAX = 1 << 20;

  @Parameters(index = "0", paramLabel = "FILE", description = "A .wasm, .onnx or .json file.")
  Path path = Path.of("");

  @Option(
      names = "--settings",
      paramLabel = "JSON",
      description = "The file with the settings of a .wasm or .onnx.")
  @Nullable Path settings;

  @Option(
      names = {"-o", "--out"},
      required = true,
      paramLabel = "FILE",
      description = "The file to write; replaced where it is there.")
  Path out = Path.of("");

  private final ModelKinds kinds = new ModelKinds();

  @Override
  public Integer call() throws IOException, ConfigException {
    ModelFile file = ModelFile.read(path, null);
    byte[] built =
        switch (file.kind()) {
          case "wasm", "onnx" -> withSettings(file);
          case "chain" -> withStages(file);
          default ->
              throw new ConfigException(
                  List.of(
                      path
                          + ": of kind "
                          + file.kind()
                          + " (expected: wasm, onnx or chain; others are one file as they are)"));
        };
    RatingModel model = new ModelFile(out, file.kind(), built).load(kinds);
    Files.write(out, built);
    System.out.printf(
        "%s: %s, %d bytes, sha256 %s%n", out, model.kind(), built.length, model.digest());
    return 0;
  }

  private byte[] withSettings(ModelFile file) throws IOException, ConfigException {
    if (settings == null) {
      throw new ConfigException(List.of("--settings: missing (expected: a file with JSON)"));
    }
    if (Files.size(settings) > SETTINGS_BYTES_MAX) {
      throw new IOException(settings + " is larger than " + SETTINGS_BYTES_MAX + " bytes");
    }
    byte[] json = Files.readAllBytes(settings);
    try {
      return file.kind().equals("wasm")
          ? WasmSettings.embed(file.bytes(), json)
          : OnnxSettings.embed(file.bytes(), json);
    } catch (ModelException e) {
      throw new IOException(settings + ": " + e.getMessage(), e);
    }
  }

  private byte[] withStages(ModelFile file) throws IOException, ConfigException {
    if (settings != null) {
      throw new ConfigException(List.of("--settings: (expected: none with a chain)"));
    }
    try {
      if (!(JsonReader.read(file.bytes()) instanceof Json.Obj chain
          && chain.get("stages") instanceof Json.Arr stages)) {
        throw new IOException(path + ": /stages: (expected: an array)");
      }
      List<Json> built = new ArrayList<>();
      for (Json stage : stages.elements()) {
        built.add(stage instanceof Json.Obj each ? with(each, "model", model(each)) : stage);
      }
      return JsonWriter.write(with(chain, "stages", new Json.Arr(built)));
    } catch (JsonSyntaxException e) {
      throw new ConfigException(
          List.of(path + ":" + e.line() + ":" + e.column() + ": " + e.detail()));
    }
  }

  private static Json.Obj with(Json.Obj object, String name, @Nullable Json value) {
    Map<String, Json> members = new LinkedHashMap<>(object.members());
    if (value != null) {
      members.put(name, value);
    }
    return new Json.Obj(members);
  }

  /** A stage's model with the file that it names in its place; null where there is no model. */
  private @Nullable Json model(Json.Obj stage) throws IOException, ConfigException {
    Json model = stage.get("model");
    if (!(model instanceof Json.Obj named && named.get("file") instanceof Json.Str name)) {
      return model;
    }
    ModelFile file = ModelFile.read(path.toAbsolutePath().resolveSibling(name.value()), null);
    if (List.of("wasm", "onnx", "pmml").contains(file.kind())) {
      Map<String, Json> members = new LinkedHashMap<>();
      members.put("kind", new Json.Str(file.kind()));
      members.put("base64", new Json.Str(Base64.getEncoder().encodeToString(file.bytes())));
      return new Json.Obj(members);
    }
    try {
      return JsonReader.read(file.bytes());
    } catch (JsonSyntaxException e) {
      throw new ConfigException(
          List.of(file.path() + ":" + e.line() + ":" + e.column() + ": " + e.detail()));
    }
  }
}
