package dev.tether.examples.simulate.scenario;

/** A field has a value that it can't have. The line is found from its path. */
final class InvalidFieldException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final String path;

    InvalidFieldException(String path, String problem) {
        super(problem);
        this.path = path;
    }

    /** Where it is, as {@code faults[2].crash.peer}. */
    String path() {
        return path;
    }
}
