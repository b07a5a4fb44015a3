using Relay.LyingRelay.Cast;
using Relay.LyingRelay.Judging;
using Relay.LyingRelay.Lies;
using Relay.LyingRelay.Serving;

LieKind[] kinds;
switch (args)
{
    case []:
        kinds = Enum.GetValues<LieKind>();
        break;
    case ["--list"]:
        foreach (var (kind, lie) in LieTable.Rows) Console.WriteLine($"{kind}: {lie.Tells}");
        return 0;
    case ["--lie", var name] when Enum.TryParse<LieKind>(name, out var named) && Enum.IsDefined(named):
        kinds = [named];
        break;
    default:
        Console.Error.WriteLine("error: expected nothing, --list, or --lie with the name of a lie; --list says which there are.");
        return 2;
}

var folder = Directory.CreateTempSubdirectory("lying-relay-").FullName;
var unnoticed = 0;
try
{
    using var company = await Company.CreateAsync(Path.Combine(folder, "company"));
    await using var server = await LogServer.StartAsync();
    foreach (var kind in kinds)
    {
        var lie = LieTable.Rows[kind];
        var words = await Trial.RunAsync(company, server, lie, Path.Combine(folder, kind.ToString()));
        Console.WriteLine($"{kind}: the relay {lie.Tells}");
        foreach (var word in words)
        {
            Console.WriteLine($"  {(word.Notices ? "!" : " ")} {word.Step}, {word}\n      {word.Text.ReplaceLineEndings("\n      ")}");
        }

        if (!words.Any(word => word.Notices) && !lie.IsHonest && lie.Unseen is null) unnoticed++;
    }
}
finally
{
    Directory.Delete(folder, recursive: true);
}

Console.WriteLine($"{kinds.Length} kinds, {unnoticed} unnoticed");
return unnoticed == 0 ? 0 : 1;
