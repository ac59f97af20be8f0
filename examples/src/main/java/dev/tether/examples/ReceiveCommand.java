package dev.tether.examples;

import dev.tether.examples.transfer.ConflictPolicy;
import dev.tether.examples.transfer.FileReceiver;
import dev.tether.examples.transfer.SessionSummary;
import dev.tether.examples.transfer.TransferException;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import reactor.core.publisher.Mono;

/** {@code tether receive}: files from senders. */
@Command(
        name = "receive",
        description = {
            "Receives files into a directory, from any number of peers that run 'tether send'.",
            "",
            "The first line is the address to give to them. Runs until Ctrl-C. A file appears under its name when it is"
                    + " complete and verified. Until then it is NAME.HASH.part, which stays when a transfer breaks, and from"
                    + " which the next attempt continues. A file that is there with other content is not touched, and the"
                    + " sender is told so."
        })
final class ReceiveCommand implements Callable<Integer> {

    /** The application's close code for a sender that breaks the protocol. */
    private static final long PROTOCOL_CODE = 1;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(paramLabel = "DIR", description = "where the files go; made if it is not there")
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @Option(names = "--once", description = "end with the first peer's connection; fail if a file of it failed")
    private boolean once;

    @ArgGroup
    private @Nullable Conflict conflict;

    @Mixin
    private final ViaOptions via = new ViaOptions();

    @Mixin
    private final BindOptions bind = new BindOptions();

    @Mixin
    private final NodeOptions options = new NodeOptions();

    @Override
    public Integer call() throws Exception {
        prepareDirectory();
        Console console = new Console(spec.commandLine());
        FileReceiver receiver =
                new FileReceiver(directory, conflict == null ? ConflictPolicy.REFUSE : conflict.policy());
        ReactiveTransport transport = via.apply(bind.apply(options.transport())).settings(FileReceiver::settings);
        try (RunningNode running = new RunningNode(transport, console)) {
            bind.announce(running.node(), options, console);
            via.report(running);
            if (once) {
                SessionSummary summary = running.node()
                        .connections()
                        .next()
                        .flatMap(connection -> serve(receiver, connection, running, console))
                        .block();
                return summary != null && summary.failed() > 0 ? ExitCode.FAILED : ExitCode.OK;
            }
            running.node()
                    .connections()
                    .flatMap(
                            connection -> serve(receiver, connection, running, console)
                                    .onErrorComplete(),
                            Integer.MAX_VALUE)
                    .then()
                    .block();
        }
        return ExitCode.OK;
    }

    private void prepareDirectory() throws IOException {
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new IOException(directory + " is a file, not a directory");
        }
        Files.createDirectories(directory);
        if (!Files.isWritable(directory)) {
            throw new IOException(directory + " cannot be written: permission denied");
        }
    }

    /** Serves one sender; prints what ends its connection, and closes it if that was not the connection itself. */
    private static Mono<SessionSummary> serve(
            FileReceiver receiver, PeerConnection connection, RunningNode running, Console console) {
        String label = connection.remoteIdentity().shortName();
        running.report(connection, label);
        return receiver.serve(connection, BarProgress.choose(console, label + " "))
                .doOnError(TransferException.class, e -> console.event(label + " " + ErrorReport.describe(e)))
                .onErrorResume(
                        TransferException.class,
                        e -> connection
                                .close(PROTOCOL_CODE, String.valueOf(e.getMessage()))
                                .then(Mono.error(e)));
    }

    /** What to do with a file whose name is taken. */
    private static final class Conflict {

        @Option(names = "--overwrite", description = "replace a file that is there with other content", required = true)
        private boolean overwrite;

        @Option(
                names = "--rename",
                description = "store a file whose name is taken as NAME-1, NAME-2, …",
                required = true)
        private boolean rename;

        private ConflictPolicy policy() {
            return overwrite ? ConflictPolicy.OVERWRITE : rename ? ConflictPolicy.RENAME : ConflictPolicy.REFUSE;
        }
    }
}
