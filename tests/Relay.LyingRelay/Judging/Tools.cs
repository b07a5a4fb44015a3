using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Relay.Cli;
using Relay.Cli.Commands;
using Relay.LyingRelay.Cast;
using Relay.LyingRelay.Lies;
using Relay.Testing;
using Relay.Testing.Ledger;

namespace Relay.LyingRelay.Judging;

/// <summary>The commands of all parties as somebody would type them, run in this process.</summary>
internal static partial class Tools
{
    /// <summary>Everybody's tools but listening, once.</summary>
    public static async Task<IReadOnlyList<Word>> RunAsync(
        Telling telling, Stage stage, IReadOnlyCollection<Delivery> deliveries, Step step, TimeProvider time)
    {
        var words = new List<Word>();
        foreach (var party in Company.Delegations.Except(telling.Lie.Silent))
        {
            words.Add(await RunAsync(stage, step, party, "audit", time, ["audit", party, .. Log(stage, party), .. Trust(stage)]));
        }

        foreach (var sender in new[] { "us", "iran" }.Except(telling.Lie.Silent))
        {
            words.Add(await RunAsync(stage, step, sender, "status", time, ["status", sender, .. Log(stage, sender)]));
        }

        const string Outsider = Company.Outsider;
        words.Add(
            await RunAsync(stage, step, Outsider, "verify ledger", time, ["verify", "ledger", .. Log(stage, Outsider), .. Trust(stage)]));
        foreach (var delivery in deliveries.Where(delivery => delivery.Receipt is not null && !telling.Lie.Silent.Contains(delivery.To)))
        {
            var word = await VerifyReceiptAsync(stage, step, delivery, time);
            if (!words.Exists(said => (said.Tool, said.Party, said.Code) == (word.Tool, word.Party, word.Code))) words.Add(word);
        }

        words.AddRange(await VerifyEvidenceAsync(stage, step, time));
        words.Add(await RunAsync(stage, step, "operator", "check", time, ["check", Write(stage, telling.Store), "--key", stage.KeyFile]));
        words.Add(await RunJavaScriptAsync(stage, step));
        return words;
    }

    private static string[] Log(Stage stage, string party) =>
    [
        "--url", stage.Server.UrlOf(party).AbsoluteUri, "--client-certificate", stage.Pem, "--state", Company.StateOf(stage.Folder, party),
    ];

    private static string[] Trust(Stage stage) => ["--relay-name", Company.RelayName, "--key", stage.KeyFile];

    // What an audit wrote for others, judged by somebody who has the public keys and nothing else: one file of each kind.
    private static async Task<IReadOnlyList<Word>> VerifyEvidenceAsync(Stage stage, Step step, TimeProvider time)
    {
        var words = new List<Word>();
        var files = Company.Delegations.Select(party => Path.Combine(stage.Folder, "evidence-" + party))
            .Where(Directory.Exists).SelectMany(folder => Directory.GetFiles(folder, "*.evidence").Order(StringComparer.Ordinal))
            .ToLookup(file => File.ReadLines(file).ElementAt(1));
        foreach (var kind in files)
        {
            var state = Path.Combine(stage.Folder, "nothing");
            string[] line = ["verify", "evidence", kind.First(), "--state", state, .. Trust(stage)];
            var word = await RunAsync(stage, step, Company.Outsider, "verify evidence", time, line);
            words.Add(word with { Code = word.Exit == ExitCode.Good ? $"proves {kind.Key}" : word.Code });
        }

        return words;
    }

    private static Task<Word> VerifyReceiptAsync(Stage stage, Step step, Delivery delivery, TimeProvider time)
    {
        var name = Path.Combine(stage.Folder, $"{delivery.To}-{delivery.Name.Replace('/', '-')}");
        File.WriteAllBytes(name + ".json", delivery.Wire);
        File.WriteAllText(name + ".receipt", delivery.Receipt);
        return RunAsync(
            stage,
            step,
            delivery.To,
            "verify receipt",
            time,
            [
                "verify", "receipt", name + ".receipt", "--envelope", name + ".json",
                "--state", Company.StateOf(stage.Folder, delivery.To), .. Trust(stage),
            ]);
    }

    private static async Task<Word> RunAsync(Stage stage, Step step, string party, string tool, TimeProvider time, string[] line)
    {
        var (output, notes) = (new StringBuilder(), new StringBuilder());
        var terminal = Terminal.Of(new StringWriter(output), new StringWriter(notes), Stream.Null, time);
        if (tool == "audit") line = [.. line, "--evidence", Path.Combine(stage.Folder, "evidence-" + party)];
        var exit = await RelayCommand.RunAsync(line, terminal, CancellationToken.None);
        var text = $"{output}{notes}".Trim();
        return new Word(step, party, tool, exit == ExitCode.Good ? "" : CodesOf(text), exit, text);
    }

    private static async Task<Word> RunJavaScriptAsync(Stage stage, Step step)
    {
        var url = $"{stage.Server.UrlOf(Company.Outsider)}api/negotiations/{Company.Negotiation}";
        var script = Path.Combine("Node", "ledger-verifier.mjs");
        var result = await NodeRunner.RunAsync([], script, ["served", url, stage.KeyFile], null, CancellationToken.None);
        var text = result.Output.Trim();
        var code = result.ExitCode switch { 0 => "", 1 => "refused", _ => "not proved" };
        if (!text.StartsWith(code.Length == 0 ? "ok " : code + ": ", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"The JavaScript verifier failed: {text} {result.Errors}");
        }
        return new Word(step, Company.Outsider, "JavaScript verifier", code, result.ExitCode, text);
    }

    // The words before the colons: what was found, each once, in the order in which it was said.
    private static string CodesOf(string text)
    {
        var codes = Code().Matches(text).Select(match => match.Groups[1].Value).Distinct().ToList();
        return codes.Count > 0 ? string.Join(", ", codes) : "not proved";
    }

    // The folder store's files, as the function app on a folder has them.
    private static string Write(Stage stage, MemoryLedgerStore store)
    {
        var folders = Directory.GetDirectories(stage.Folder, "store-*").Length;
        var root = Path.Combine(stage.Folder, string.Create(CultureInfo.InvariantCulture, $"store-{folders}"));
        Directory.CreateDirectory(root);
        foreach (var name in store.Names)
        {
            var content = store.Find(name)!.Content.Span;
            var length = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(length, (uint)content.Length);
            var path = Path.Combine(root, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, [.. "RELAYLB1"u8, .. length, .. SHA256.HashData(content), .. content]);
        }

        return root;
    }

    [GeneratedRegex(@"^ *(?:does not hold: |refused: )?(?!holds:|error:|Not:)([A-Za-z][A-Za-z-]+):(?= )", RegexOptions.Multiline)]
    private static partial Regex Code();
}
