package dev.tether.examples;

import dev.tether.core.PeerAddress;
import dev.tether.examples.transfer.FileResult;
import dev.tether.examples.transfer.FileSender;
import dev.tether.reactor.PeerConnection;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tether send}: files to a receiver. */
@Command(
        name = "send",
        description = {
            "Sends files to a peer that runs 'tether receive'.",
            "",
            "Each file is compared by its SHA-256 when it has arrived. A transfer that was broken off continues where it"
                    + " was when the same command is started again; a file that the peer has already is skipped. Fails if"
                    + " any of the files is not at the peer in the end."
        })
final class SendCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "ADDRESS",
            description = "the peer: tether://KEY@HOST:PORT, or tether://KEY with --via")
    @SuppressWarnings("NullAway.Init")
    private PeerAddress peer;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "FILE", description = "what to send")
    private List<Path> files = List.of();

    @Mixin
    private final ViaOptions via = new ViaOptions();

    @Mixin
    private final NodeOptions options = new NodeOptions();

    @Override
    public Integer call() throws Exception {
        via.requireWayTo(peer);
        requireSendable();
        Console console = new Console(spec.commandLine());
        try (RunningNode running = new RunningNode(via.apply(options.transport()), console)) {
            PeerConnection connection = running.connect(peer);
            List<FileResult> results = new FileSender(connection, BarProgress.choose(console, ""))
                    .send(files)
                    .collectList()
                    .blockOptional()
                    .orElse(List.of());
            return report(results);
        }
    }

    /** Finds before anything is sent what can be found. */
    private void requireSendable() {
        Set<String> names = new HashSet<>();
        for (Path file : files) {
            FileSender.requireReadable(file);
            String name = FileSender.nameOf(file);
            if (!names.add(name)) {
                throw new ParameterException(
                        spec.commandLine(),
                        "two of the files are named " + name + "; send them to different directories");
            }
        }
    }

    private int report(List<FileResult> results) {
        List<FileResult.Failed> failed = results.stream()
                .filter(FileResult.Failed.class::isInstance)
                .map(FileResult.Failed.class::cast)
                .toList();
        if (failed.isEmpty()) {
            return ExitCode.OK;
        }
        FileResult.Failed first = failed.get(0);
        spec.commandLine()
                .getErr()
                .println("tether: Transfer/" + first.failure() + ": "
                        + (failed.size() == 1 ? "" : failed.size() + " of " + results.size() + " files failed, first ")
                        + Printable.of(first.name()) + ": " + Printable.of(first.text()));
        spec.commandLine().getErr().flush();
        return ExitCode.FAILED;
    }
}
