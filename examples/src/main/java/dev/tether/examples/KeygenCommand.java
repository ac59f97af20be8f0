package dev.tether.examples;

import dev.tether.core.noise.KeyPair;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tether keygen}: makes an identity. */
@Command(
        name = "keygen",
        description = {
            "Makes an identity that lasts: writes a new private key to FILE and prints the public key.",
            "",
            "The file has one line, the private X25519 key as 64 hexadecimal digits, and mode 600. Give it to the"
                    + " other commands with --identity."
        })
final class KeygenCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(
            paramLabel = "FILE",
            defaultValue = "tether.key",
            description = "the key file (default: ${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init")
    private Path file;

    @Option(names = "--force", description = "replace a file that is there; its identity is lost")
    private boolean force;

    @Override
    public Integer call() throws Exception {
        KeyPair key = KeyPair.generate();
        KeyFile.write(file, key, force);
        spec.commandLine().getOut().println(key.identity());
        return ExitCode.OK;
    }
}
