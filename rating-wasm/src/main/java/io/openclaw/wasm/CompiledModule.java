package io.openclaw.wasm;

import io.openclaw.rating.ModelException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.MethodModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import run.endive.compiler.Cache;
import run.endive.compiler.InterpreterFallback;
import run.endive.compiler.MachineFactoryCompiler;
import run.endive.runtime.Instance;
import run.endive.runtime.Machine;
import run.endive.wasm.Parser;
import run.endive.wasm.WasmModule;

/**
 * A module as classes of the Java virtual machine: what its instances run. Immutable and
 * thread-safe.
 *
 * <p>A function that becomes a method of more than {@value #METHOD_BYTES_MAX} bytes is refused: the
 * virtual machine would never compile it (HotSpot's {@code HugeMethodLimit}), which makes it some
 * 17 times slower. The interpreter is never fallen back to, for the same reason.
 *
 * @param module the module, parsed and validated
 * @param machine what runs an instance
 */
record CompiledModule(WasmModule module, Function<Instance, Machine> machine) {
  /** Bytes of one method's code; HotSpot compiles none that is larger. */
  static final int METHOD_BYTES_MAX = 8_000;

  private static final Pattern FUNCTION = Pattern.compile("func_(\\d+)");

  /** Takes the classes that the compiler makes: it tells nobody else. */
  private static final class Taker implements Cache {
    private byte @Nullable [] jar;

    @Override
    public byte @Nullable [] get(String digest) {
      return null;
    }

    @Override
    public void putIfAbsent(String digest, byte[] classes) {
      jar = classes;
    }
  }

  /**
   * Parses, validates and compiles a module that is within the bounds of {@link ModuleShape}.
   *
   * @param names of functions, by number
   * @throws ModelException naming what is not valid, or every function that is too large
   */
  static CompiledModule of(byte[] module, Map<Integer, String> names) throws ModelException {
    Taker taker = new Taker();
    WasmModule parsed;
    Function<Instance, Machine> machine;
    try {
      parsed = Parser.parse(module);
      machine =
          MachineFactoryCompiler.builder(parsed)
              .withInterpreterFallback(InterpreterFallback.FAIL)
              .withCache(taker)
              .compile();
    } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError e) {
      throw new ModelException("", Guest.shown(e), "a valid module whose functions all compile");
    }
    byte[] jar = taker.jar;
    if (jar == null) {
      throw new ModelException("", "no classes", "a module that compiles");
    }
    List<ModelException.Problem> large = tooLarge(jar, names);
    if (!large.isEmpty()) {
      throw new ModelException(large);
    }
    return new CompiledModule(parsed, machine);
  }

  private static List<ModelException.Problem> tooLarge(byte[] jar, Map<Integer, String> names) {
    List<ModelException.Problem> problems = new ArrayList<>();
    try (JarInputStream in = new JarInputStream(new ByteArrayInputStream(jar))) {
      for (JarEntry each = in.getNextJarEntry(); each != null; each = in.getNextJarEntry()) {
        if (!each.getName().endsWith(".class")) {
          continue;
        }
        for (MethodModel method : ClassFile.of().parse(in.readAllBytes()).methods()) {
          int size = method.findAttribute(Attributes.code()).map(c -> c.codeLength()).orElse(0);
          if (size > METHOD_BYTES_MAX) {
            problems.add(problem(method.methodName().stringValue(), size, names));
          }
        }
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e); // of bytes in memory
    }
    return problems;
  }

  private static ModelException.Problem problem(
      String method, int size, Map<Integer, String> names) {
    Matcher function = FUNCTION.matcher(method);
    String place = "the dispatch " + method;
    if (function.matches()) {
      String name = names.get(Integer.valueOf(function.group(1)));
      place = "function " + function.group(1) + (name == null ? "" : " (" + name + ")");
    }
    return new ModelException.Problem(
        place,
        size + " bytes as a Java method",
        "at most "
            + METHOD_BYTES_MAX
            + ", beyond which it is never compiled: -Os, or less inlining");
  }
}
