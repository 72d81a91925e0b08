var builder = WebApplication.CreateBuilder(args);
var ledger = new Uri(builder.Configuration["Ledger:BaseUrl"]!);
builder.Services.AddStackExchangeRedisCache(options =>
    options.Configuration = builder.Configuration.GetConnectionString("Sessions"));
builder.Build().Run();
