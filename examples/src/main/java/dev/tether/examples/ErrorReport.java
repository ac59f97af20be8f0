package dev.tether.examples;

import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.error.TransportException;
import dev.tether.examples.transfer.TransferException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import reactor.core.Exceptions;

/** Errors for a human: one line each. */
public final class ErrorReport {

    private ErrorReport() {}

    /** Reports a wrong command line. */
    static int usage(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        command.getErr()
                .println("tether: " + oneLine(String.valueOf(e.getMessage())) + " (see "
                        + command.getCommandSpec().qualifiedName() + " --help)");
        command.getErr().flush();
        return ExitCode.USAGE;
    }

    /** Reports a failed command, with the stack trace only if it was asked to be verbose. */
    static int failure(Exception e, CommandLine command, ParseResult parsed) {
        if (isShuttingDown()) {
            return ExitCode.INTERRUPTED;
        }
        command.getErr().println("tether: " + describe(e));
        if (command.getParseResult().hasMatchedOption("--verbose")) {
            e.printStackTrace(command.getErr());
        }
        command.getErr().flush();
        return ExitCode.FAILED;
    }

    /** What an error is and what it says, in one line: {@code ConnectionLost/IDLE_TIMEOUT: peer … was not heard for 10 s}. */
    public static String describe(Throwable error) {
        Throwable cause = unwrap(error);
        String message = cause.getMessage() == null ? "" : oneLine(cause.getMessage());
        if (cause instanceof ConnectionEstablishmentException e) {
            return label(cause) + ": " + SearchAdvice.complete(e, message);
        }
        if (cause instanceof TransportException || cause instanceof TransferException) {
            return label(cause) + ": " + message;
        }
        if (cause instanceof NoSuchFileException || cause instanceof FileNotFoundException) {
            return "there is no " + message;
        }
        if (cause instanceof AccessDeniedException) {
            return message + ": permission denied";
        }
        if (cause instanceof FileAlreadyExistsException) {
            return message + " is there already";
        }
        if (cause instanceof NotDirectoryException) {
            return message + " is not a directory";
        }
        if (cause instanceof IOException && !message.isEmpty()) {
            return message;
        }
        return message.isEmpty() ? cause.getClass().getSimpleName() : label(cause) + ": " + message;
    }

    /** The error's class without its ending, and its reason if it has one. */
    private static String label(Throwable error) {
        String name = error.getClass().getSimpleName();
        String label = name.endsWith("Exception") ? name.substring(0, name.length() - "Exception".length()) : name;
        if (error instanceof ConnectionEstablishmentException e) {
            return label + "/" + e.reason();
        }
        if (error instanceof ConnectionLostException e) {
            return label + "/" + e.reason();
        }
        if (error instanceof TransferException e) {
            return label + "/" + e.failure();
        }
        return label;
    }

    private static Throwable unwrap(Throwable error) {
        Throwable inner = Exceptions.unwrap(error);
        while (inner.getCause() != null
                && (inner instanceof CompletionException
                        || inner instanceof ExecutionException
                        || inner instanceof UncheckedIOException)) {
            inner = inner.getCause();
        }
        return inner;
    }

    private static String oneLine(String text) {
        return Printable.of(text.strip().replaceAll("\\s*\\R\\s*", " "));
    }

    /** After Ctrl-C whatever fails, fails because of that. The JVM tells it only like this. */
    private static boolean isShuttingDown() {
        try {
            Runtime.getRuntime().removeShutdownHook(new Thread(() -> {}));
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }
}
