package dev.tether.examples.simulate.scenario;

import java.io.IOException;
import java.nio.file.Path;

/** A scenario file is wrong. The message names the file, the line, the field, the value and what is allowed. */
public final class ScenarioFileException extends IOException {

    private static final long serialVersionUID = 1;

    /** @param line from 1; 0 if there is none to name */
    ScenarioFileException(Path file, int line, String problem) {
        super(file + (line > 0 ? ":" + line : "") + ": " + problem);
    }
}
