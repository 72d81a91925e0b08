package eu.meridian.billing;

import java.nio.file.Path;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

@Component
public class Archive {
    private final Path root;

    public Archive(@Value("${billing.archive-path}") String root) {
        this.root = Path.of(root);
    }
}
