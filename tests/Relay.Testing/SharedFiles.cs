namespace Relay.Testing;

/// <summary>Finds the folder <c>shared</c> beside the repository, which holds third-party test vectors that are not committed here.</summary>
public static class SharedFiles
{
    private static readonly string? Root = Find();

    /// <summary>Reads one file; skips the running test, saying why, where the folder or the file is absent.</summary>
    /// <param name="relativePath">Below <c>shared</c>, e.g. <c>vectors/wycheproof/aes_wrap_test.json</c>.</param>
    public static byte[] ReadOrSkip(string relativePath)
    {
        var path = Root is null ? null : Path.Combine(Root, relativePath);
        Assert.SkipWhen(path is null, "There is no folder 'shared' beside the repository, where third-party test vectors are kept.");
        Assert.SkipUnless(File.Exists(path), $"shared/{relativePath} is not there.");
        return File.ReadAllBytes(path!);
    }

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Relay.sln")))
            {
                var shared = Path.Combine(folder.Parent?.FullName ?? folder.FullName, "shared");
                return Directory.Exists(shared) ? shared : null;
            }
        }

        return null;
    }
}
