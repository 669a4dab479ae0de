package io.openclaw.wasm;

import io.openclaw.domain.Violation;
import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a module and this program agree on: what it exports, and the little it may import. */
final class Abi {
  static final String MEMORY = "memory";
  static final String ALLOC = "alloc";
  static final String RATE = "rate";
  static final String ENV = "env";
  static final String LOG = "log";

  private Abi() {}

  /**
   * Holds a module against it.
   *
   * @throws ModelException listing everything that is missing or not allowed
   */
  static void check(ModuleShape shape) throws ModelException {
    List<ModelException.Problem> problems = new ArrayList<>();
    if (shape.memoryPages() < 0) {
      problems.add(new ModelException.Problem("memory", "absent", "one memory of its own"));
    }
    ModuleShape.Export memory = shape.exports().get(MEMORY);
    if (memory == null || memory.kind() != ModuleShape.MEMORY) {
      problems.add(exported(MEMORY, memory == null ? "absent" : "no memory", "a memory"));
    }
    function(shape, ALLOC, "i32->i32", problems);
    function(shape, RATE, "(i32,i32)->i64", problems);
    for (ModuleShape.Import each : shape.imports()) {
      String signature = each.isFunction() ? signature(shape, each) : null;
      if (!each.module().equals(ENV)
          || !each.name().equals(LOG)
          || !"(i32,i32)->()".equals(signature)) {
        problems.add(
            new ModelException.Problem(
                "import " + Violation.shown(text(each)),
                signature == null ? "no function" : signature,
                "no import but env.log, (i32,i32)->()"));
      }
    }
    if (!problems.isEmpty()) {
      throw new ModelException(problems);
    }
  }

  private static io.openclaw.domain.Json text(ModuleShape.Import each) {
    return new io.openclaw.domain.Json.Str(each.module() + "." + each.name());
  }

  private static @Nullable String signature(ModuleShape shape, ModuleShape.Import each) {
    return each.type() < shape.types().size() ? shape.types().get(each.type()) : null;
  }

  private static void function(
      ModuleShape shape, String name, String expected, List<ModelException.Problem> problems) {
    ModuleShape.Export export = shape.exports().get(name);
    String found = export == null ? "absent" : "no function";
    if (export != null && export.kind() == ModuleShape.FUNCTION) {
      String signature = shape.signature(export.index());
      found = signature == null ? "no function" : signature;
    }
    if (!found.equals(expected)) {
      problems.add(exported(name, found, expected));
    }
  }

  private static ModelException.Problem exported(String name, String found, String expected) {
    return new ModelException.Problem("export " + name, found, expected);
  }
}
