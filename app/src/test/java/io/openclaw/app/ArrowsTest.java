package io.openclaw.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.openclaw.limit.BrokenArrow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The arrows between the modules, as ARCHITECTURE.md draws them, and what pure modules must not do.
 */
class ArrowsTest {
  private static final Map<String, Set<String>> MAY_IMPORT =
      Map.ofEntries(
          Map.entry("domain", Set.of()),
          Map.entry("limit", Set.of("domain")),
          Map.entry("rating", Set.of("domain")),
          Map.entry("cel", Set.of("domain", "rating")),
          Map.entry("onnx", Set.of("domain", "rating")),
          Map.entry("pmml", Set.of("domain", "rating")),
          Map.entry("wasm", Set.of("domain", "rating")),
          Map.entry("steer", Set.of("domain")),
          Map.entry("dns", Set.of("steer")),
          Map.entry("mesh", Set.of("domain")),
          Map.entry("yaml", Set.of("domain")),
          Map.entry("release", Set.of("domain", "yaml")),
          Map.entry("sim", Set.of("domain", "limit", "mesh", "yaml")),
          Map.entry("edge", Set.of("domain", "limit", "rating")),
          Map.entry("tls", Set.of()),
          Map.entry("net", Set.of("domain", "edge", "mesh", "tls")),
          Map.entry("router", Set.of("dns", "domain", "steer", "tls")),
          Map.entry("client", Set.of("domain", "steer")),
          Map.entry("bench", Set.of("domain")));

  private static final Set<String> PURE =
      Set.of("domain", "limit", "rating", "steer", "dns", "mesh", "edge");

  /** The benchmarks, which are no part of the program and so not on this class path. */
  private static final Path JMH_SOURCES = Path.of("../jmh/src/main/java");

  private static final Set<String> JMH_MAY_IMPORT =
      Set.of("cel", "domain", "edge", "limit", "mesh", "net", "onnx", "pmml", "rating", "wasm");

  /** The races for a bucket, which are in its package and no part of the program either. */
  private static final Path STRESS_SOURCES = Path.of("../limit-stress/src/main/java");

  private static final Set<String> STRESS_MAY_IMPORT = Set.of("domain", "limit");

  private static final JavaClasses PROGRAM =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.openclaw");

  private static final JavaClasses BROKEN =
      new ClassFileImporter().importClasses(BrokenArrow.class);

  @Test
  void every_module_is_there_and_imports_only_what_it_may() {
    for (ArchRule rule : arrows()) {
      rule.check(PROGRAM);
    }
    for (String module : MAY_IMPORT.keySet()) {
      assertThat(PROGRAM.stream().anyMatch(c -> c.getPackageName().equals("io.openclaw." + module)))
          .as(module)
          .isTrue();
    }
  }

  @Test
  void pure_modules_read_no_clock_draw_no_random_number_and_open_no_socket() {
    purity().check(PROGRAM);
    noThreads().check(PROGRAM);
    noSockets().check(PROGRAM);
  }

  @Test
  void the_broken_example_is_found() {
    assertThat(
            arrows().stream()
                .anyMatch(rule -> rule.allowEmptyShould(true).evaluate(BROKEN).hasViolation()))
        .isTrue();
    assertThat(purity().allowEmptyShould(true).evaluate(BROKEN).hasViolation()).isTrue();
  }

  @Test
  void the_benchmarks_import_only_what_they_may_and_are_no_part_of_the_program()
      throws IOException {
    assertThat(importedBy(JMH_SOURCES)).isNotEmpty().isSubsetOf(JMH_MAY_IMPORT);
    assertThat(ships("io.openclaw.jmh.LimiterSpeed")).isFalse();
    assertThat(ships("org.openjdk.jmh.Main")).isFalse();
    assertThat(ships("io.github.bucket4j.Bucket")).isFalse();
  }

  @Test
  void the_races_import_only_what_they_may_and_are_no_part_of_the_program() throws IOException {
    assertThat(importedBy(STRESS_SOURCES)).isNotEmpty().isSubsetOf(STRESS_MAY_IMPORT);
    assertThat(ships("io.openclaw.limit.TakeRace")).isFalse();
    assertThat(ships("org.openjdk.jcstress.Main")).isFalse();
  }

  @Test
  void the_same_check_of_sources_and_of_the_class_path_finds_what_is_there() throws IOException {
    assertThat(importedBy(Path.of("src/test/java/io/openclaw/limit"))).contains("edge");
    assertThat(ships("io.openclaw.limit.Limiter")).isTrue();
  }

  /** The modules named in the import lines below a folder. */
  private static Set<String> importedBy(Path folder) throws IOException {
    Pattern line = Pattern.compile("import (?:static )?io\\.openclaw\\.(\\w+)\\..*");
    Set<String> modules = new TreeSet<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
        Files.readAllLines(file).stream()
            .map(line::matcher)
            .filter(Matcher::matches)
            .forEach(matcher -> modules.add(matcher.group(1)));
      }
    }
    return modules;
  }

  private static boolean ships(String className) {
    return ArrowsTest.class.getClassLoader().getResource(className.replace('.', '/') + ".class")
        != null;
  }

  private static List<ArchRule> arrows() {
    List<ArchRule> rules = new ArrayList<>();
    MAY_IMPORT.forEach(
        (module, imports) -> {
          List<String> allowed =
              new ArrayList<>(imports.stream().map(m -> "io.openclaw." + m).toList());
          allowed.add("io.openclaw." + module);
          rules.add(
              classes()
                  .that()
                  .resideInAPackage("io.openclaw." + module)
                  .should()
                  .onlyDependOnClassesThat(
                      DescribedPredicate.<JavaClass>describe(
                          "are outside the project or in " + allowed,
                          c ->
                              !c.getPackageName().startsWith("io.openclaw")
                                  || allowed.contains(c.getPackageName()))));
        });
    return rules;
  }

  private static String[] purePackages() {
    return PURE.stream().map(m -> "io.openclaw." + m).toArray(String[]::new);
  }

  private static ArchRule purity() {
    return noClasses()
        .that()
        .resideInAnyPackage(purePackages())
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(java.time.Instant.class, "now")
        .orShould()
        .callMethod(Math.class, "random")
        .orShould()
        .callConstructor(java.util.Random.class)
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.util.concurrent.ThreadLocalRandom");
  }

  private static ArchRule noThreads() {
    return noClasses()
        .that()
        .resideInAnyPackage(purePackages())
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.util.concurrent.Executors")
        .orShould()
        .callConstructor(Thread.class, Runnable.class)
        .orShould()
        .callMethod(Thread.class, "ofVirtual")
        .orShould()
        .callMethod(Thread.class, "ofPlatform");
  }

  private static ArchRule noSockets() {
    return noClasses()
        .that()
        .resideInAnyPackage(purePackages())
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.net..", "java.nio.channels..", "io.vertx..", "io.netty..", "io.prometheus..");
  }
}
