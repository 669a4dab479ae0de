package io.openclaw.onnx;

import io.openclaw.domain.Json;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelException.Problem;
import io.openclaw.rating.ModelSource;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The process that tries a file: reads it from standard input, loads it with ONNX Runtime, rates
 * its samples, and says on standard output {@code staged} or what is wrong, one problem a line.
 */
final class Stage {
  private static final String GOOD = "staged";
  private static final String BAD = "refused";
  private static final long RATING_SECONDS_MAX = 10;

  private Stage() {}

  public static void main(String[] arguments) throws IOException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    try {
      byte[] bytes = System.in.readNBytes(OnnxFile.BYTES_MAX + 1);
      attempt(bytes);
      out.println(GOOD);
    } catch (ModelException e) {
      out.println(BAD);
      for (Problem problem : e.problems()) {
        out.println(
            oneLine(problem.place())
                + "\t"
                + oneLine(problem.found())
                + "\t"
                + oneLine(problem.expected()));
      }
    } catch (InterruptedException e) {
      Runtime.getRuntime().halt(2);
    }
    out.flush();
    Runtime.getRuntime().halt(0); // no native code runs at the end
  }

  private static void attempt(byte[] bytes) throws ModelException, InterruptedException {
    OnnxFile file = OnnxFile.read(bytes);
    byte[] written = file.settings();
    if (written == null) {
      throw new ModelException("metadata " + OnnxFile.SETTINGS_KEY, "absent", "settings");
    }
    OnnxSettings settings = OnnxSettings.read(written);
    Columns columns = Columns.of(file, settings);
    OnnxModel model = OnnxModel.of(new ModelSource("staged", "v", bytes), settings, columns, file);
    for (int i = 0; i < settings.samples().size(); i++) {
      rate(model, settings.samples().get(i), "/samples/" + i);
    }
  }

  private static void rate(OnnxModel model, Json.Obj sample, String place)
      throws ModelException, InterruptedException {
    switch (model.check(sample)) {
      case Checked.Invalid invalid ->
          throw new ModelException(
              place, invalid.violations().getFirst().toString(), "an input that it can rate");
      case Checked.Ready ready -> {
        try {
          var _ =
              ready
                  .rate(Attempt.ONCE)
                  .toCompletableFuture()
                  .get(RATING_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
          String why = e.getCause() == null ? e.toString() : "" + e.getCause().getMessage();
          throw new ModelException(place, why, "a rating");
        } catch (TimeoutException e) {
          throw new ModelException(place, "no rating in time", "one");
        }
      }
    }
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\s+", " ");
  }

  /** What an answer lists; null where it is none, because the process ended before it was said. */
  static @Nullable List<Problem> problems(String answer) {
    List<String> lines = answer.lines().toList();
    if (lines.isEmpty() || !(lines.getFirst().equals(GOOD) || lines.getFirst().equals(BAD))) {
      return null;
    }
    List<Problem> problems = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      String[] parts = line.split("\t", -1);
      if (parts.length == 3) {
        problems.add(new Problem(parts[0], parts[1], parts[2]));
      }
    }
    return lines.getFirst().equals(BAD) && problems.isEmpty() ? null : problems;
  }
}
