package io.openclaw.onnx;

import io.openclaw.domain.Json;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelKind;
import io.openclaw.rating.ModelSource;
import io.openclaw.rating.RatingModel;
import io.openclaw.rating.Samples;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The kind {@code onnx}: an ONNX file with settings in its metadata. Files of one tree ensemble or
 * linear model are rated by this program; all others by ONNX Runtime, if its library is there,
 * after a process of its own has loaded the file and rated its samples. Thread-safe.
 */
public final class OnnxKind implements ModelKind {
  /** The kind as configured. */
  public static final String NAME = "onnx";

  /** Files that a process has tried remembered. */
  private static final int STAGED_MAX = 1_000;

  private final Staging staging;
  private final boolean imports;
  private final Set<String> staged = ConcurrentHashMap.newKeySet();

  /** The kind as the program has it. */
  public OnnxKind() {
    this(Staging.ofThisProgram(), true);
  }

  /**
   * A kind for tests.
   *
   * @param imports whether trees and linear models are rated by this program
   */
  OnnxKind(Staging staging, boolean imports) {
    this.staging = staging;
    this.imports = imports;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public RatingModel load(ModelSource source) throws ModelException {
    OnnxFile file = OnnxFile.read(source.bytes());
    OnnxSettings settings = OnnxSettings.read(settingsOf(file));
    Columns columns = Columns.of(file, settings);
    Evaluator imported = imports ? Imported.of(file, settings, columns) : null;
    if (imported != null) {
      return OnnxModel.of(source, settings, columns, imported);
    }
    needRuntime();
    String digest = source.digest();
    if (!staged.contains(digest)) {
      staging.run(source.bytes());
      if (staged.size() < STAGED_MAX) {
        staged.add(digest);
      }
    }
    return OnnxModel.of(source, settings, columns, file);
  }

  @Override
  public List<Json.Obj> samples(byte[] bytes) throws ModelException {
    byte[] settings = settingsOf(OnnxFile.read(bytes));
    return Samples.of(settings, NAME);
  }

  private static byte[] settingsOf(OnnxFile file) throws ModelException {
    byte[] settings = file.settings();
    if (settings == null) {
      throw new ModelException(
          "metadata " + OnnxFile.SETTINGS_KEY,
          "absent",
          "settings as JSON: inputs, features, rating (docs/models-onnx.md)");
    }
    return settings;
  }

  private static void needRuntime() throws ModelException {
    try {
      var _ =
          Class.forName("ai.onnxruntime.OrtEnvironment", false, OnnxKind.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new ModelException(
          "onnx",
          "a graph that only ONNX Runtime can rate, and no ONNX Runtime",
          "the library onnxruntime-1.29.0.jar in the folder lib: build with -Ponnx, or put it there"
              + " (docs/models-onnx.md)");
    }
  }
}
