package io.openclaw.cel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class LazyLoadingTest {
  /** A loader of its own classes first, which notes what of CEL it was asked for. */
  private static final class Noting extends URLClassLoader {
    private final TreeSet<String> asked = new TreeSet<>();

    Noting(URL[] urls) {
      super(urls, ClassLoader.getPlatformClassLoader());
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      if (name.startsWith("dev.cel") || name.startsWith("com.google")) {
        asked.add(name);
      }
      return super.findClass(name);
    }
  }

  @Test
  void nothing_of_cel_is_loaded_before_the_first_expression() throws Exception {
    try (Noting loader = new Noting(classPath())) {
      Object kind =
          loader.loadClass("io.openclaw.cel.CelKind").getDeclaredConstructor().newInstance();
      byte[] document =
          "{\"kind\":\"expression\",\"inputs\":{\"x\":{\"type\":\"number\"}},\"rating\":\"x\"}"
              .getBytes(StandardCharsets.UTF_8);
      var _ = kind.getClass().getMethod("name").invoke(kind);
      var _ = kind.getClass().getMethod("samples", byte[].class).invoke(kind, (Object) document);
      assertThat(loader.asked).isEmpty();

      Class<?> source = loader.loadClass("io.openclaw.rating.ModelSource");
      Object model =
          source
              .getConstructor(String.class, String.class, byte[].class)
              .newInstance("m", "v1", document);
      var _ = kind.getClass().getMethod("load", source).invoke(kind, model);
      assertThat(loader.asked).anyMatch(name -> name.startsWith("dev.cel.compiler"));
    }
  }

  private static URL[] classPath() throws IOException {
    List<URL> urls = new ArrayList<>();
    for (String entry :
        System.getProperty("java.class.path").split(java.io.File.pathSeparator, -1)) {
      urls.add(Path.of(entry).toUri().toURL());
    }
    return urls.toArray(new URL[0]);
  }
}
