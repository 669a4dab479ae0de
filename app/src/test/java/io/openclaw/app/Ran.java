package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import picocli.CommandLine;

/** How a command of the program ended, and what it printed. */
record Ran(int code, String out, String err) {
  /** Runs one as a person types it; not beside another one, since it takes System.out. */
  static Ran command(List<String> arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    StringWriter err = new StringWriter();
    PrintStream before = System.out;
    System.setOut(new PrintStream(out, true, UTF_8));
    try {
      CommandLine line = Main.commandLine();
      line.setErr(new PrintWriter(err, true));
      int code = line.execute(arguments.toArray(new String[0]));
      return new Ran(code, out.toString(UTF_8).strip(), err.toString().strip());
    } finally {
      System.setOut(before);
    }
  }
}
