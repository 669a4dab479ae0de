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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The arrows between the modules, as ARCHITECTURE.md draws them, and what pure modules must not do.
 */
class ArrowsTest {
  private static final Map<String, Set<String>> MAY_IMPORT =
      Map.of(
          "domain", Set.of(),
          "limit", Set.of("domain"),
          "rating", Set.of("domain"),
          "steer", Set.of("domain"),
          "mesh", Set.of("domain"),
          "edge", Set.of("domain", "limit", "rating"),
          "net", Set.of("domain", "edge", "mesh"),
          "router", Set.of("domain", "steer"),
          "bench", Set.of("domain"),
          "sim", Set.of("domain", "limit"));

  private static final Set<String> PURE =
      Set.of("domain", "limit", "rating", "steer", "mesh", "edge");

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
