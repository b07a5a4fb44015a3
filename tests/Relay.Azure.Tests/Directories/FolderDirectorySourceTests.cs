using Microsoft.Extensions.Logging.Abstractions;
using Relay.Azure.Directories;
using Relay.Core.Directory;
using Relay.Protocol.Negotiations;

namespace Relay.Azure.Tests.Directories;

public sealed class FolderDirectorySourceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("relay-directory-").FullName;
    private readonly FolderDirectorySource _source;

    public FolderDirectorySourceTests() => _source = new FolderDirectorySource(_folder, NullLogger<FolderDirectorySource>.Instance);

    public void Dispose()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task ReadAsync_Document_IsFoundThenUnchangedThenFoundWhenEdited()
    {
        await WriteAsync("one");
        var first = await ReadAsync(null);
        Assert.Equal(DirectoryReadStatus.Found, first.Status);
        Assert.Equal("one"u8.ToArray(), first.Document.ToArray());
        Assert.Equal(DirectoryReadStatus.Unchanged, (await ReadAsync(first.Version)).Status);

        await WriteAsync("two");
        var second = await ReadAsync(first.Version);
        Assert.Equal(DirectoryReadStatus.Found, second.Status);
        Assert.NotEqual(first.Version, second.Version);
    }

    [Fact]
    public async Task ReadAsync_NoFile_IsNotFound() => Assert.Equal(DirectoryReadStatus.NotFound, (await ReadAsync(null)).Status);

    [Fact]
    public async Task ReadAsync_NoFolder_IsUnavailable()
    {
        Directory.Delete(_folder);
        Assert.Equal(DirectoryReadStatus.Unavailable, (await ReadAsync(null)).Status);
    }

    [Fact]
    public async Task ReadAsync_HugeFile_IsReadNoFurtherThanItTakesToRefuseIt()
    {
        await WriteAsync(new string(' ', NegotiationDocument.MaxBytes * 4));
        Assert.Equal(NegotiationDocument.MaxBytes + 1, (await ReadAsync(null)).Document.Length);
    }

    [Fact]
    public async Task ListAsync_Folder_NamesItsDocumentsUpToTheBound()
    {
        foreach (var name in new[] { "doha-2026.json", "geneva.json", "Geneva.json", "geneva.json.bak", ".json", "notes.txt" })
        {
            await File.WriteAllTextAsync(Path.Combine(_folder, name), "{}", TestContext.Current.CancellationToken);
        }

        Assert.Equal(
            ["doha-2026", "geneva"], (await _source.ListAsync(2, TestContext.Current.CancellationToken))?.Order(StringComparer.Ordinal));
        Assert.Null(await _source.ListAsync(1, TestContext.Current.CancellationToken));
        Directory.Delete(_folder, recursive: true);
        Assert.Null(await _source.ListAsync(2, TestContext.Current.CancellationToken));
    }

    private Task WriteAsync(string text) =>
        File.WriteAllTextAsync(Path.Combine(_folder, "doha-2026.json"), text, TestContext.Current.CancellationToken);

    private ValueTask<DirectoryRead> ReadAsync(string? known) =>
        _source.ReadAsync("doha-2026", known, TestContext.Current.CancellationToken);
}
