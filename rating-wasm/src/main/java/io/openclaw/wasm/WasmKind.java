package io.openclaw.wasm;

import io.openclaw.domain.Json;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelKind;
import io.openclaw.rating.ModelSource;
import io.openclaw.rating.RatingModel;
import java.util.List;

/**
 * Models of kind {@code wasm}: WebAssembly modules. Thread-safe.
 *
 * <p>What a module may be is checked before it is compiled, so loading takes bounded time and
 * memory: bounds and instructions ({@link ModuleShape}), exports and imports ({@link Abi}), its
 * settings, then compiled code ({@link CompiledModule}), then its samples ({@link LoadTrial}).
 */
public final class WasmKind implements ModelKind {
  /** The kind as configured. */
  public static final String NAME = "wasm";

  private final WasmHost host;

  /**
   * A kind whose models run on the threads of a host.
   *
   * @param host shared by all models of a node
   */
  public WasmKind(WasmHost host) {
    this.host = host;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public RatingModel load(ModelSource source) throws ModelException {
    WasmSettings settings = WasmSettings.read(source.bytes());
    ModuleShape shape = ModuleShape.read(source.bytes(), settings.memoryPages());
    Abi.check(shape);
    var names = FunctionNames.of(source.bytes());
    byte[] module = source.bytes();
    if (settings.fuel() > 0) {
      var _ = CompiledModule.of(module, names); // valid as it is: see FuelMeter
      module = FuelMeter.rewrite(module, shape, settings.fuel());
    }
    WasmModel model =
        new WasmModel(
            source,
            new WasmModel.Loaded(
                CompiledModule.of(module, names), settings, FuelMeter.global(shape)),
            host);
    LoadTrial.run(model, host);
    return model;
  }

  @Override
  public List<Json.Obj> samples(byte[] bytes) throws ModelException {
    return WasmSettings.read(bytes).samples();
  }
}
